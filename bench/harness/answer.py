"""The one request and the one answer that every subject is measured with."""

import http.client

TARGET = "/notes/1"
BODY = '{"id":1,"title":"Buy milk","text":"Two litres and bread if there is any left","done":false,"rank":3}'
MEDIA_TYPE = "application/json"

# Gatehouse's `api` profile over plain HTTP (Strict-Transport-Security is for HTTPS only).
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store, max-age=0",
}

# What Chromium's fetch() sends to an API of its own origin, but for Host and cookies.
REQUEST_FIELDS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9",
    "Referer": "http://127.0.0.1/",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
}


class WrongAnswer(Exception):
    """A subject answered something else than what it is timed for."""


def request(port):
    """The bytes of the request, for clients of our own."""
    lines = [f"GET {TARGET} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in REQUEST_FIELDS.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def floor_response(secured):
    """The bytes that the floor sends. Not `secured`: what an upstream API sends that nobody has hardened."""
    fields = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT", "Content-Type": MEDIA_TYPE, "Content-Length": str(len(BODY))}
    if secured:
        fields |= SECURITY_HEADERS | {"X-Request-Id": "01890a5d-ac96-774b-bcce-b302099a8057"}
    else:
        fields |= {"X-Powered-By": "bench"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 200 OK\r\n{head}\r\n{BODY}".encode()


def without_spaces(value):
    """helmet writes "a;b" where others write "a; b"."""
    return value.replace(" ", "")


def check(port, secured=True):
    """Asks once and raises WrongAnswer unless everything that the comparison rests on is there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", TARGET, headers=REQUEST_FIELDS)
        answer = connection.getresponse()
        body = answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise WrongAnswer(f"no answer: {error!r}") from error
    finally:
        connection.close()

    wrong = []
    if answer.status != 200:
        wrong.append(f"status {answer.status}")
    if body != BODY:
        wrong.append(f"body {body[:200]!r}")
    if answer.getheader("Content-Type", "").split(";")[0] != MEDIA_TYPE:
        wrong.append(f"Content-Type {answer.getheader('Content-Type')!r}")
    if answer.will_close:
        wrong.append("the connection is not kept")
    if secured:
        for field, value in SECURITY_HEADERS.items():
            if [without_spaces(line) for line in answer.headers.get_all(field, [])] != [without_spaces(value)]:
                wrong.append(f"{field} {answer.headers.get_all(field)!r}")
        if not answer.getheader("X-Request-Id"):
            wrong.append("no X-Request-Id")
        if answer.getheader("X-Powered-By"):
            wrong.append("X-Powered-By is there")
    if wrong:
        raise WrongAnswer("; ".join(wrong))
