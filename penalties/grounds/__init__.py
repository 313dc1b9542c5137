"""What penalties follow from, one module per subject; importing it declares its sources."""

from penalties.grounds import commission as commission
from penalties.grounds import defects as defects
from penalties.grounds import freezes as freezes
from penalties.grounds import insurance as insurance
from penalties.grounds import liability as liability
from penalties.grounds import manual as manual
from penalties.grounds import notices as notices
from penalties.grounds import points as points
from penalties.grounds import scores as scores
from penalties.grounds import verdicts as verdicts
