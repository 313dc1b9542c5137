"""What penalties follow from, one module per subject; importing it declares its sources."""

from penalties.grounds import manual as manual
from penalties.grounds import verdicts as verdicts
