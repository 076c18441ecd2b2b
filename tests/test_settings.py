"""Settings: what an installation may choose, and what it is told when it chooses wrongly."""

import pickle
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onevoice.nouns.company_account import GroupRights
from onevoice.nouns.problem import Refused
from onevoice.nouns.words import Role
from onevoice.settings import Secret, Settings, read_settings


def faults_of(environment: dict[str, str], file: Path | None = None) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        read_settings(environment, file)
    return {fault.where: fault.says for fault in refused.value.faults}


def test_nothing_need_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file and without variables the defaults stand: SQLite here, listening on loopback only."""
    monkeypatch.chdir(tmp_path)
    settings = read_settings({"PATH": "/bin"})
    assert settings == Settings()
    assert settings.address == "http://127.0.0.1:8321"
    assert settings.key_file == Path("onevoice-data/secret.key")
    assert not settings.database_url


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    """The file is for everyone, the variable for this run."""
    file = tmp_path / "house.toml"
    file.write_text('http_port = 9000\nsession_hours = 8\npublic_url = "https://voice.example.com/"\n', "utf-8")
    settings = read_settings({"ONEVOICE_SETTINGS": str(file), "ONEVOICE_HTTP_PORT": "9001"})
    assert (settings.http_port, settings.session_hours) == (9001, 8)
    assert settings.address == "https://voice.example.com"


def test_a_file_lying_in_the_working_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """onevoice.toml needs no naming."""
    (tmp_path / "onevoice.toml").write_text('log_level = "debug"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_settings({}).log_level == "debug"


COMPANY = {
    "ONEVOICE_OIDC_ISSUER": "https://login.example.com/realms/staff",
    "ONEVOICE_OIDC_CLIENT_ID": "onevoice",
    "ONEVOICE_PUBLIC_URL": "https://voice.example.com",
}


def test_company_accounts_are_set_up_whole_or_not_at_all() -> None:
    """An issuer needs a client, an address to come back to, and https; a group needs a role there is, and a unit."""
    told = read_settings(
        COMPANY
        | {
            "ONEVOICE_OIDC_GROUPS": "a = b, Admins = admin @ lumen; Desk=unit_admin@travel;",
            "ONEVOICE_OIDC_EMAIL_DOMAINS": "Lumen.example;lumen.org",
        }
    )
    assert told.oidc_groups == (
        GroupRights("a = b, Admins", Role.ADMIN, "lumen"),
        GroupRights("Desk", Role.UNIT_ADMIN, "travel"),
    )
    assert told.oidc_email_domains == ("lumen.example", "lumen.org")
    assert set(faults_of({"ONEVOICE_OIDC_ISSUER": "http://login.example.com"})) == {
        "oidc_issuer",
        "oidc_client_id",
        "public_url",
    }
    inside = COMPANY | {"ONEVOICE_OIDC_ISSUER": "http://login.lan:8080", "ONEVOICE_PRIVATE_HOSTS": "login.lan"}
    assert read_settings(inside).private_hosts == ("login.lan",)
    for name, wrong in {
        "OIDC_GROUPS": "Admins = boss @ lumen",
        "OIDC_SCOPES": "email",
        "OIDC_ISSUER": "login.example.com",
        "OIDC_SKEW_SECONDS": "301",
        "PRIVATE_HOSTS": "https://login.lan",
        "SECOND_STEP": "some",
    }.items():
        assert set(faults_of({**COMPANY, f"ONEVOICE_{name}": wrong})) == {f"ONEVOICE_{name}"}
    with pytest.raises(Refused):
        read_settings({**COMPANY, "ONEVOICE_OIDC_GROUPS": "Admins = admin"})


def test_every_fault_is_told_at_once_with_its_name(tmp_path: Path) -> None:
    """Four mistakes in two places give four faults, each with the setting's name and what was expected."""
    file = tmp_path / "house.toml"
    file.write_text('http_prot = 9000\nsession_hours = true\n\n[colours]\nhost = "x"\n', "utf-8")
    told = faults_of({"ONEVOICE_HTTP_PORT": "eighty", "ONEVOICE_LOG_LEVEL": "loud", "ONEVOICE_COLOUR": "red"}, file)
    assert told == {
        f"http_prot in {file}": "is not a setting; did you mean http_port?",
        f"colours in {file}": "is not a setting; see docs/reference/settings.md.",
        f"session_hours in {file}": "expected a whole number from 1 to 720.",
        "ONEVOICE_HTTP_PORT": "expected a whole number from 0 to 65535.",
        "ONEVOICE_LOG_LEVEL": "expected one of debug, info, warning, error.",
        "ONEVOICE_COLOUR": "is not a setting; see docs/reference/settings.md.",
    }


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ONEVOICE_DATA_DIR", ""),
        ("ONEVOICE_DATABASE_URL", "mysql://localhost/x"),
        ("ONEVOICE_HTTP_HOST", " localhost"),
        ("ONEVOICE_HTTP_PORT", "65536"),
        ("ONEVOICE_HTTP_PORT", "-1"),
        ("ONEVOICE_HTTP_PORT", "١"),
        ("ONEVOICE_PUBLIC_URL", "voice.example.com"),
        ("ONEVOICE_PUBLIC_URL", "https://voice.example.com/?a=b"),
        ("ONEVOICE_PUBLIC_URL", "https://["),
        ("ONEVOICE_PUBLIC_URL", "https://voice.example.com:eighty"),
        ("ONEVOICE_DATA_DIR", "~nobody-of-that-name/data"),
        ("ONEVOICE_SESSION_HOURS", "0"),
        ("ONEVOICE_SMTP_SECURITY", "ssl"),
        ("ONEVOICE_REGION", "de"),
        ("ONEVOICE_REGION", "DEU"),
    ],
)
def test_a_wrong_value_stops_the_start(variable: str, value: str, tmp_path: Path) -> None:
    """Nothing is guessed: a value out of its range is refused under the variable's name."""
    (tmp_path / "empty.toml").touch()
    assert list(faults_of({variable: value}, tmp_path / "empty.toml")) == [variable]


odd = st.one_of(st.text(), st.sampled_from(["~x/y", "h://[x", "https://[", "https://a:b", "-1", "1e3", "\0", " "]))


@given(chosen=st.dictionaries(st.sampled_from([each.name for each in fields(Settings)]), odd))
def test_whatever_is_written_is_taken_or_refused_by_name(chosen: dict[str, str]) -> None:
    """No text makes the start fail in any other way, and each fault is about a setting that was given."""
    environment = {f"ONEVOICE_{name.upper()}": text for name, text in chosen.items()}
    try:
        read_settings(environment, Path("/dev/null"))
    except Refused as refused:
        assert {fault.where for fault in refused.faults} <= set(environment)


@pytest.mark.parametrize("written", ["3.5", "1979-05-27", "[1]", "{ a = 1 }", "true", "[[]]"])
def test_a_value_of_another_kind_is_refused(written: str, tmp_path: Path) -> None:
    """A date, a list or a table where a text or a number belongs is a fault like any other."""
    file = tmp_path / "house.toml"
    names = [each.name for each in fields(Settings)]
    file.write_text("".join(f"{name} = {written}\n" for name in names), "utf-8")
    assert list(faults_of({}, file)) == [f"{name} in {file}" for name in names]


def test_a_named_file_must_be_there_and_be_toml(tmp_path: Path) -> None:
    """A path somebody wrote down and that leads nowhere is a fault, not an empty file."""
    missing, broken = tmp_path / "missing.toml", tmp_path / "broken.toml"
    broken.write_text("http_port: 80\n", "utf-8")
    assert "cannot be read" in faults_of({}, missing)[str(missing)]
    assert "is not TOML" in faults_of({}, broken)[str(broken)]


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    """Neither the settings, nor a fault about them, nor a formatted secret shows the password."""
    file = tmp_path / "house.toml"
    file.write_text('smtp_password = "opensesame"\ndatabase_url = "postgresql://u:opensesame@db/x"\n', "utf-8")
    settings = read_settings({}, file)
    assert settings.smtp_password.reveal() == "opensesame"
    for shown in (repr(settings), str(settings.database_url), f"{settings.smtp_password}"):
        assert "opensesame" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(settings.smtp_password)
    assert not any("opensesame" in says for says in faults_of({"ONEVOICE_DATABASE_URL": "opensesame"}, file).values())
    assert settings.smtp_password == Secret("opensesame") != Secret("x")
