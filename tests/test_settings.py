"""Settings: one list of them, a wrong one stops the start, and they decide where things lie."""

import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from reflect import settings
from reflect.app import create_app
from reflect.db import migrate
from reflect.db.engine import db
from reflect.settings import InvalidSetting, Settings
from tests.conftest import isolated_settings

TOP = Path(__file__).parent.parent

WRONG = {
    "REFLECT_PORT": "poort",
    "REFLECT_LANGUAGE": "fr",
    "REFLECT_SECRET": "kort",
    "REFLECT_TIMEZONE": "Europa/Amsterdam",
    "REFLECT_BASE_URL": "reflect.school.example",
    "REFLECT_SCHOOL": " ",
    "REFLECT_HSTS": "ja",
    "REFLECT_WORKER": "elsewhere",
    "REFLECT_WHATEVER": "x",
    "REFLECT_DATABASE": "mysql://x",
    "REFLECT_QUEUE": "redis://x",
    "REFLECT_EVIDENCE": "ftp://x",
    "REFLECT_SETTINGS": "/no/such/file.env",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_one_sentence_with_its_name(tmp_path, name):
    with pytest.raises(InvalidSetting, match=name):
        settings.load({"REFLECT_DATA": str(tmp_path), name: WRONG[name]})


PARSED = [
    settings.variable_name(setting)
    for setting in fields(Settings)
    if setting.metadata["parse"] is not settings._text
]


@pytest.mark.parametrize("name", PARSED)
def test_every_setting_that_is_more_than_a_text_can_be_wrong(tmp_path, name):
    with pytest.raises(InvalidSetting, match=f"^{name} "):
        settings.load({"REFLECT_DATA": str(tmp_path), name: " "})


SECRET = [setting.name for setting in fields(Settings) if setting.metadata.get("is_secret")]


@pytest.mark.parametrize("name", SECRET)
def test_a_secret_is_printed_by_no_error_and_in_no_log(tmp_path, name):
    wrong = {"REFLECT_DATA": str(tmp_path), f"REFLECT_{name.upper()}": "mysql://geheim"}
    with pytest.raises(InvalidSetting) as caught:
        settings.load(wrong)
    assert "geheim" not in str(caught.value)
    assert "geheim" not in repr(replace(isolated_settings(tmp_path), **{name: "geheim"}))


def test_a_setting_that_sounds_like_a_secret_is_marked_as_one():
    sounds_secret = re.compile(r"secret|password|key|token|database|credential", re.IGNORECASE)
    for setting in fields(Settings):
        if sounds_secret.search(setting.name + setting.metadata["purpose"]):
            assert setting.name in SECRET, "declare it with _secret_setting"


def test_every_setting_is_read_somewhere():
    others = set((TOP / "reflect").rglob("*.py")) - {Path(settings.__file__)}
    code = "\n".join(path.read_text("utf-8") for path in others)
    for setting in fields(Settings):
        is_read = re.search(rf"(?:config|settings|settings\(\))\.{setting.name}\b", code)
        assert is_read, f"nothing reads the setting {setting.name}"


def test_a_wrong_setting_stops_a_command_with_one_sentence(tmp_path):
    env = {"PATH": os.environ["PATH"], "REFLECT_DATA": str(tmp_path), "REFLECT_PORT": "poort"}
    command = [sys.executable, "-m", "reflect", "school", "groups"]
    result = subprocess.run(command, env=env, cwd=TOP, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == (
        "REFLECT_PORT must be a whole number from 1 to 65535 (it is 'poort'). Port to listen on.\n"
    )


def test_a_setting_comes_from_the_environment_then_the_file_then_its_default(tmp_path):
    file = tmp_path / "school.env"
    file.write_text("REFLECT_SCHOOL=De Vlinder\nREFLECT_PORT=8001\n", "utf-8")
    loaded = settings.load(
        {
            "REFLECT_DATA": str(tmp_path),
            "REFLECT_SETTINGS": str(file),
            "REFLECT_PORT": "8002",
        }
    )
    assert (loaded.school, loaded.port, loaded.threads) == ("De Vlinder", 8002, 4)


def test_the_table_in_the_docs_is_the_list_of_settings():
    install_page = (TOP / "docs" / "install.md").read_text("utf-8")
    table = re.search(r"^\| setting \|.*?\n(?=\n)", install_page, re.MULTILINE | re.DOTALL)
    assert table[0] == settings.markdown_table(), "paste what `reflect settings` prints"


def test_every_setting_says_what_it_is_for():
    for setting in fields(Settings):
        assert setting.metadata["purpose"].endswith("."), setting.name


def test_another_port_is_in_the_address_that_is_printed_and_linked(tmp_path):
    assert isolated_settings(tmp_path, REFLECT_PORT="8123").base_url == "http://127.0.0.1:8123"
    own = "https://reflect.school.example"
    assert isolated_settings(tmp_path, REFLECT_PORT="8123", REFLECT_BASE_URL=own).base_url == own


def test_everything_written_is_in_the_data_folder_and_only_we_can_read_the_secret(tmp_path):
    app = create_app(isolated_settings(tmp_path))
    with app.app_context():
        migrate.upgrade()
    assert app.test_client().get("/inloggen").status_code == 200
    with app.app_context():
        db.engine.dispose()
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {
        "reflect.sqlite3",
        "secret",
        "reflect.env",
    }
