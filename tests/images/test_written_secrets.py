"""Secrets that steps of a Dockerfile write into files, and passwords that they set."""

from __future__ import annotations

import pytest

from tests.images.test_leaks import CACHE, HISTORY, LAYER, TOKEN, leaks

VALUE = "9c1185a5c5e9fc54"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"COPY <<EOF /app/.env\nPORT=80\nSECRET_KEY={VALUE}\nEOF", ("written", "SECRET_KEY", "SECRET_KEY", LAYER)),
        (f"COPY <<.env /app/\nexport API_TOKEN='{VALUE}'\n.env", ("written", "API_TOKEN", "API_TOKEN", LAYER)),
        (f"RUN echo SECRET_KEY={VALUE} > .env", ("written", "SECRET_KEY", "SECRET_KEY", LAYER)),
        (f'RUN echo "SECRET_KEY={VALUE}" >> /app/.env.production', ("written", "SECRET_KEY", "SECRET_KEY", LAYER)),
        (f"RUN printf 'A=1\\nAPI_KEY={VALUE}\\n' > /etc/environment", ("written", "API_KEY", "API_KEY", LAYER)),
        (f"RUN cat <<EOF > /app/.env\nDB_PASSWORD={VALUE}\nEOF", ("written", "DB_PASSWORD", "DB_PASSWORD", LAYER)),
        (f"RUN echo 'DB_PASSWORD={VALUE}' | tee .env", ("written", "DB_PASSWORD", "DB_PASSWORD", LAYER)),
        ("ARG K\nRUN echo SECRET_KEY=$K > .env", ("written", "SECRET_KEY", "SECRET_KEY", LAYER)),
        ("ARG K\nRUN echo \"SECRET_KEY=${K}\" >> .env", ("written", "SECRET_KEY", "SECRET_KEY", LAYER)),
        (f"COPY <<EOF /etc/app.conf\nurl = https://ci:{VALUE}@h/\nEOF", ("url", "app.conf", "url = https://ci", LAYER)),
        (f"COPY <<EOF /etc/app.conf\ntoken {TOKEN}\nEOF", ("token", "GitHub token", "token", LAYER)),
        (f"RUN echo '[pypi]\\npassword = {VALUE}' > /root/.pypirc", ("written", ".pypirc", "password", LAYER)),
        (f"RUN echo 'machine h login ci password {VALUE}' > ~/.netrc", ("written", ".netrc", "machine", LAYER)),
        (f"RUN echo SECRET_KEY={VALUE} > .env && make && rm .env", ("written", "SECRET_KEY", "SECRET_KEY", HISTORY)),
    ],
)  # fmt: skip
def test_secret_in_a_written_file_is_a_leak(lines: str, expected: tuple[str, str, str, str]) -> None:
    assert leaks(f"FROM x\n{lines}\n")[0] == expected


@pytest.mark.parametrize(
    "lines",
    [
        "COPY <<EOF /app/.env\nPORT=80\nSECRET_KEY=changeme\nAPI_KEY=\nEOF",
        "RUN echo SECRET_KEY=dummy > .env && npm run build",
        "RUN echo DATABASE_URL=postgres://postgres:postgres@localhost/x > .env",
        "RUN --mount=type=secret,id=k echo SECRET_KEY=$(cat /run/secrets/k) > /dev/shm/.env",
        f"RUN echo SESSION_COOKIE_NAME={VALUE} > .env",
        "ARG PORT\nRUN echo PORT=$PORT > .env",
        "ARG K=dummy\nRUN echo SECRET_KEY=$K > .env",
        "ARG K\nRUN echo SECRET_KEY=$K > .env && make && rm .env",
        "RUN echo '//registry/:_authToken=${NPM_TOKEN}' > .npmrc",
        "RUN echo '; password=x' > /etc/php.ini",
        f"RUN SECRET_KEY={VALUE} make assets > log",
    ],
)
def test_file_without_a_secret_is_none(lines: str) -> None:
    assert leaks(f"FROM x\n{lines}\n") == []


def test_file_of_a_build_stage_counts_where_it_is_taken() -> None:
    builder = f"FROM x AS b\nWORKDIR /app\nRUN echo SECRET_KEY={VALUE} > .env\nFROM y\n"
    assert [leak[3] for leak in leaks(f"{builder}COPY --from=b /app /app\n")] == [LAYER]
    assert [leak[3] for leak in leaks(f"{builder}COPY --from=b /bin/app /app\n")] == [CACHE]


def test_value_of_a_variable_that_is_told_elsewhere_is_told_once() -> None:
    assert [leak[0] for leak in leaks(f"FROM x\nRUN echo TOKEN={TOKEN} > .env\n")] == ["token"]


@pytest.mark.parametrize(
    ("lines", "user"),
    [
        ("RUN echo 'root:Zq81xWvLp0' | chpasswd", "root"),
        ('RUN apt-get install -y openssh-server && echo "deploy:Zq81xWvLp0" | chpasswd', "deploy"),
        ("RUN echo root:toor | sudo chpasswd", "root"),
        ("RUN printf 'app:Zq81xWvLp0\\n' | /usr/sbin/chpasswd", "app"),
        ("RUN chpasswd <<EOF\nroot:Zq81xWvLp0\nEOF", "root"),
        ("ARG PW\nRUN echo \"root:$PW\" | chpasswd", "root"),
    ],
)  # fmt: skip
def test_password_of_a_user_is_a_leak(lines: str, user: str) -> None:
    assert [(kind, name, span) for kind, name, span, _ in leaks(f"FROM x\n{lines}\n")] == [("password", user, user)]


@pytest.mark.parametrize(
    "lines",
    [
        "RUN echo 'root:Docker!' | chpasswd",
        "RUN echo 'root:$6$salt$hash' | chpasswd -e",
        "RUN --mount=type=secret,id=pw cat /run/secrets/pw | chpasswd",
        'RUN echo "root:$(cat /run/secrets/pw)" | chpasswd',
        'RUN echo "root:$PW" | chpasswd',
        "RUN echo 'root:Zq81xWvLp0' && chpasswd --help",
    ],
)
def test_password_that_nobody_reads_here_is_none(lines: str) -> None:
    assert leaks(f"FROM x\n{lines}\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"ARG T={TOKEN}\nFROM x\nARG T\nRUN make\n", [("token", "T", "T", HISTORY)]),
        (f"ARG T={TOKEN}\nFROM x AS b\nARG T\nRUN make\nFROM y\n", [("token", "T", "T", CACHE)]),
        (f"ARG T={TOKEN}\nFROM x\n", [("token", "T", "T", CACHE)]),
        (f"ARG INDEX=https://ci:{VALUE}@h/simple\nFROM x\nARG INDEX\nRUN pip\n", [("url", "INDEX", "INDEX", HISTORY)]),
        (f"ARG API_KEY={VALUE}\nFROM x\nRUN make\n", [("arg", "API_KEY", "API_KEY", CACHE)]),
        ("ARG VERSION=3.13\nARG API_KEY=changeme\nARG DB=postgres://postgres:postgres@db/x\nFROM x\n", []),
        ("ARG BASE=python:3.13\nFROM $BASE\n", []),
    ],
)
def test_argument_before_from(text: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert leaks(text) == expected
