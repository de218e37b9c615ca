"""What holds for every answer of the API, beside what its document says; Schemathesis loads it."""

import schemathesis

PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "code", "parameter"}


@schemathesis.check
def a_refusal_is_a_problem(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """One sentence, the same status as that of HTTP, and nothing of the program's inside."""
    assert b"Traceback" not in response.content, "a traceback came out"
    if response.status_code >= 400 and response.request.method != "HEAD":
        assert response.headers["content-type"] == [PROBLEM]
        problem = response.json()
        assert set(problem) in (MEMBERS, MEMBERS | {"instance"})
        assert problem["status"] == response.status_code and "\n" not in problem["detail"]
