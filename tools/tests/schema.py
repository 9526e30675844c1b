# SPDX-License-Identifier: GPL-2.0
"""Checks JSON documents against the schemas of schemas/

What these use of JSON Schema (draft 7), and no more: a keyword that is not
known here is an error, so that none is passed over. A test kernel need not have
a package for it.
"""

import json
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "schemas")

REMARKS = {"$schema", "$comment", "definitions"}

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool,
         "null": type(None)}


class Invalid(Exception):
    """A document is not what its schema says"""


def load(name, loaded={}):  # pylint: disable=dangerous-default-value
    """A schema by the name of its file"""
    if name not in loaded:
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            loaded[name] = json.load(file)
    return loaded[name]


def is_of(value, kind):
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[kind])


def check_type(value, kinds, where):
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if not any(is_of(value, kind) for kind in kinds):
        raise Invalid(f"{where}: {value!r} is not of type {kinds}")


def check_enum(value, values, where):
    if not any(type(value) is type(one) and value == one for one in values):
        raise Invalid(f"{where}: {value!r} is none of {values}")


def check_pattern(value, pattern, where):
    if isinstance(value, str) and not re.search(pattern, value):
        raise Invalid(f"{where}: {value!r} does not match {pattern}")


def check_minimum(value, minimum, where):
    if is_of(value, "integer") and value < minimum:
        raise Invalid(f"{where}: {value} is less than {minimum}")


def check_items(value, schema, where):
    for i, item in enumerate(value if isinstance(value, list) else []):
        check(item, schema, f"{where}[{i}]")


def check_required(value, keys, where):
    missing = set(keys) - set(value) if isinstance(value, dict) else None
    if missing:
        raise Invalid(f"{where}: {sorted(missing)} missing")


def check_properties(value, properties, where):
    for key, schema in properties.items():
        if isinstance(value, dict) and key in value:
            check(value[key], schema, f"{where}.{key}")


def check_one_of(value, schemas, where):
    reasons = []
    for schema in schemas:
        try:
            check(value, schema, where)
        except Invalid as error:
            reasons.append(str(error))
    if len(schemas) - len(reasons) != 1:
        raise Invalid(f"{where}: fits {len(schemas) - len(reasons)} of "
                      f"{len(schemas)} schemas: {'; '.join(reasons)}")


def check_ref(value, ref, where):
    name, path = ref.split("#/definitions/")
    check(value, load(name)["definitions"][path], where)


CHECKS = {"type": check_type, "enum": check_enum, "pattern": check_pattern,
          "minimum": check_minimum, "items": check_items,
          "required": check_required, "properties": check_properties,
          "oneOf": check_one_of, "$ref": check_ref}


def check(value, schema, where="document"):
    """Raises Invalid if the value is not what the schema says"""
    for keyword, argument in schema.items():
        if keyword in REMARKS:
            continue
        if keyword == "additionalProperties":
            assert argument is False
            more = set(value) - set(schema["properties"]) \
                if isinstance(value, dict) else None
            if more:
                raise Invalid(f"{where}: unknown members {sorted(more)}")
        else:
            CHECKS[keyword](value, argument, where)


def check_command(command, document):
    """Checks a document that a command has written, which may be an error"""
    if isinstance(document, dict) and set(document) == {"error"}:
        check(document, load("common.json")["definitions"]["error"])
    else:
        check(document, load(f"{command}.json"))


def commands():
    """The commands that have a schema"""
    return {name.removesuffix(".json") for name in os.listdir(FOLDER)
            } - {"common"}
