# SPDX-License-Identifier: GPL-2.0
"""Checks JSON documents against the schemas of schemas/ (draft 7)"""

import functools
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    # A python that is not the distribution's own does not look there; the
    # package and what it needs are written in Python
    sys.path.append("/usr/lib/python3/dist-packages")
    import jsonschema

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "schemas")

# What several schemas have in common; it is the schema of no command
COMMON = "common.json"


class Invalid(Exception):
    """A document is not what its schema says"""


def read(name):
    """A schema, which has the common definitions in itself"""
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return json.loads(file.read().replace(f"{COMMON}#", "#"))


@functools.cache
def validator(name, definition=None):
    """What checks documents by a file, or by one of the common definitions"""
    schema = {"definitions": read(COMMON)["definitions"]}
    if definition:
        schema["$ref"] = f"#/definitions/{definition}"
    else:
        schema.update(read(name))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def check_command(command, document):
    """Checks a document that a command has written, which may be an error"""
    if isinstance(document, dict) and set(document) == {"error"}:
        check = validator(COMMON, "error")
    else:
        check = validator(f"{command}.json")
    error = jsonschema.exceptions.best_match(check.iter_errors(document))
    if error:
        raise Invalid(f"{error.json_path}: {error.message}")


def commands():
    """The commands that have a schema"""
    return {name.removesuffix(".json") for name in os.listdir(FOLDER)
            } - {COMMON.removesuffix(".json")}
