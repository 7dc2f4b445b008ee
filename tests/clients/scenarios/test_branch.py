"""Has a branch as long as the session lasts."""


def test_there_is_a_branch(neon_branch):
    assert neon_branch.branch_id
