# SPDX-License-Identifier: GPL-2.0
"""Sphinx's configuration, for "make docs"."""

import os
import re

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../tools/lib/bpfsched.h")

with open(HEADER, encoding="utf-8") as file:
    release = re.search(r'BPFS_VERSION "(.*)"', file.read())[1]

project = "bpfsched"
version = release
# Who has written it is told by the history
project_copyright = ""
root_doc = "index"
exclude_patterns = ["ABI"]
# Blocks of commands, C and output stand side by side
highlight_language = "none"
html_theme = "alabaster"
html_theme_options = {"description": "eBPF programs later, in the right order, "
                                     "on time", "page_width": "1100px"}
html_show_copyright = False
html_show_sourcelink = False
