"""JUnit reports are as the schema of Jenkins' xUnit plugin has them. Wants CLIENTS, with the schema, and FILES, with the reports."""

import os
import sys
from pathlib import Path

import xmlschema

schema = xmlschema.XMLSchema(Path(os.environ["CLIENTS"]) / "junit-10.xsd")
reports = sorted(Path(os.environ["FILES"]).glob("*.xml"))
assert len(reports) == 4, reports
wrong = [f"{report.name}: {error.path}: {error.reason}" for report in reports for error in schema.iter_errors(report)]

every = (Path(os.environ["FILES"]) / "every.xml").read_text()
wrong += [f"every.xml has no {element}" for element in ["failure", "error", "skipped", "flakyFailure", "system-out"]
          if f"<{element}" not in every]
sys.exit("\n".join(wrong) or 0)
