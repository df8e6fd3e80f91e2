"""基础命令 The ground floor's command line: ``flask staff``, ``keys``, ``doctor``, ``backup`` and ``restore``."""

from core.commands.backup import backup, restore
from core.commands.doctor import doctor
from core.commands.keys import keys
from core.commands.staff import staff

GROUPS = (staff, keys, doctor, backup, restore)
