"use strict";
// The list of trials: filtered in memory, and drawn a part at a time.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PART = 100;
  const query = document.getElementById("query");
  const list = document.getElementById("list");
  const more = document.getElementById("more");
  const found = document.getElementById("found");
  const boxes = [...document.querySelectorAll("input[name=outcome]")];
  // What words are looked for in; made when the first is.
  let known;
  const texts = () => known ||= data.trials.map(([name, , , reason, requirements]) =>
    [name, data.reasons[reason] || "", requirements.map((number) => data.requirements[number]).join(" ")].join(" ").toLowerCase());
  let matching = [];
  let drawn = 0;
  let cause = 0;

  function row(number) {
    const [name, outcome, milliseconds, reason, , causes] = data.trials[number];
    const { symbol, tone, word } = data.outcomes[outcome];
    const item = document.createElement("li");
    const mark = document.createElement("b");
    mark.textContent = symbol;
    mark.title = word;
    const holder = document.createElement("span");
    holder.className = tone;
    holder.append(mark);
    const hidden = document.createElement("span");
    hidden.className = "hidden";
    hidden.textContent = word;
    holder.append(hidden);
    const label = document.createElement("a");
    label.className = "name";
    label.href = "#trial=" + encodeURIComponent(name);
    label.textContent = name;
    const time = document.createElement("span");
    time.className = "ms";
    time.textContent = milliseconds + " ms";
    item.append(holder, label, time);
    const text = data.reasons[reason];
    if (text || causes.length) {
      const small = document.createElement("small");
      small.textContent = text || "";
      for (const found of causes) {
        const link = document.createElement("a");
        link.href = "#cause-" + found;
        link.textContent = data.causes[found - 1];
        small.append(small.textContent ? ", " : "", link);
      }
      item.append(small);
    }
    return item;
  }

  function draw() {
    const part = document.createDocumentFragment();
    for (const number of matching.slice(drawn, drawn + PART)) part.append(row(number));
    drawn = Math.min(drawn + PART, matching.length);
    list.append(part);
    more.hidden = drawn >= matching.length;
  }

  function filter() {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const isWanted = data.outcomes.map(({ word }) => wanted.has(word));
    matching = [];
    for (let number = 0; number < data.trials.length; number++) {
      const trial = data.trials[number];
      if (!isWanted[trial[1]] || (cause && !trial[5].includes(cause))) continue;
      if (words.every((word) => texts()[number].includes(word))) matching.push(number);
    }
    found.textContent = matching.length + " of " + data.trials.length + (cause ? " (finding " + cause + ")" : "");
    list.replaceChildren();
    drawn = 0;
    draw();
  }

  // A link that was cut off in the middle of a character is taken as it is.
  function decoded(value) {
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  }

  function follow() {
    const hash = location.hash.slice(1);
    const [, name, value] = /^(q|trial|c)=(.*)$/.exec(hash) || [];
    if (!name) return;
    cause = name === "c" ? Number(value) : 0;
    query.value = name === "c" ? "" : decoded(value);
    for (const box of boxes) box.checked = true;
    filter();
    document.getElementById("trials").scrollIntoView();
    query.focus({ preventScroll: true });
  }

  query.addEventListener("input", () => { cause = 0; filter(); });
  query.addEventListener("change", () => history.replaceState(null, "", query.value ? "#q=" + encodeURIComponent(query.value) : "#trials"));
  for (const box of boxes) box.addEventListener("change", filter);
  more.addEventListener("click", draw);
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== query) {
      event.preventDefault();
      query.focus();
    } else if (event.key === "Escape" && document.activeElement === query) {
      query.value = "";
      cause = 0;
      filter();
    }
  });
  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const text = button.previousElementSibling.textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // A page that was opened from a file may not have a clipboard: the selection has.
        getSelection().selectAllChildren(button.previousElementSibling);
        document.execCommand("copy");
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }
  filter();
  follow();
})();
