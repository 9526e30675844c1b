# SPDX-License-Identifier: GPL-2.0
"""The module in a test kernel, to be inserted with other parameters"""

import os
import subprocess

MODULE = os.path.join(os.environ.get("BPFSCHED_MODULE_DIR", ""), "bpfsched.ko")


def remove():
    subprocess.run(["rmmod", "bpfsched"], check=True)


def insert(*parameters):
    """Returns what insmod says if it fails"""
    done = subprocess.run(["insmod", MODULE, *parameters], text=True,
                          stderr=subprocess.PIPE, check=False)
    return done.stderr if done.returncode else None
