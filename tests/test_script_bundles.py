"""A script travels with its modules inside. tests/js/bundles.test.js checks what they say then."""

import re

import pytest

from reflect import paths
from reflect.web.script_bundles import SHARED_SCRIPTS, bundle

SCRIPTS = sorted((paths.STATIC / "js").glob("*.js"))
STATIC_IMPORT = re.compile(r'^import [^;]* from "\./(.*)";$', re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_only_a_script_with_state_for_others_is_fetched_apart(script):
    assert set(STATIC_IMPORT.findall(bundle(script))) <= SHARED_SCRIPTS


def test_a_module_is_included_once(tmp_path):
    files = {
        "page.js": 'import { one } from "./one.js";\nimport { two } from "./two.js";\none(two);\n',
        "one.js": 'import { two } from "./two.js";\nexport const one = () => two;\n',
        "two.js": "export const two = 2;\n",
    }
    for name, source in files.items():
        (tmp_path / name).write_text(source)
    assert bundle(tmp_path / "page.js") == "const two = 2;\nconst one = () => two;\none(two);\n"
