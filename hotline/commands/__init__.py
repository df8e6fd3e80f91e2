"""热线命令 The hotline's command line: ``flask hotline``, ``report``, ``jobs``, ``journal``, ``demo`` and ``model``."""

from hotline.commands.calendar import calendar
from hotline.commands.demo import demo
from hotline.commands.jobs import jobs
from hotline.commands.journal import journal
from hotline.commands.models import model
from hotline.commands.orders import hotline
from hotline.commands.report import report

GROUPS = (hotline, report, jobs, journal, calendar, demo, model)
