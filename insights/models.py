"""The early-warning score: what was learned, and the scores of open orders; which stores a check of risks is due for
(TM-06, TM-14)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from core.leases import LeasedModel
from orders.models import Order
from stores.models import Store


class WarningModel(models.Model):
    """A trained model of the early warning; the newest one scores (TM-06).

    ``terms`` are coefficients, means and scales, pooled over all companies, so that nothing in them tells of one.
    ``figures`` are those of `insights.rules.warning.Quality` on later orders than it learned from.
    """

    trained_at = InstantField(_("trained"))
    orders = models.PositiveIntegerField(_("orders learned from"))
    rows = models.PositiveIntegerField(_("snapshots of orders"))
    troubled = models.PositiveIntegerField(_("of them troubled later"))
    terms = models.JSONField(_("terms"))
    figures = models.JSONField(_("quality on later orders"))

    class Meta:
        verbose_name = _("early-warning model")
        verbose_name_plural = _("early-warning models")

    def __str__(self) -> str:
        return str(self.trained_at)


class OrderScore(models.Model):
    """The early-warning score of an open order (TM-06), in permille.

    ``points`` are by factor and add up with ``base`` to ``score``; ``facts`` are what they were made of. Without a
    ``model`` the score is policy's weights, which is no probability.
    """

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="score")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    model = models.ForeignKey(WarningModel, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    score = models.PositiveSmallIntegerField(_("score, permille"))
    base = models.PositiveSmallIntegerField(_("average order, permille"))
    points = models.JSONField(_("points"), default=dict)
    facts = models.JSONField(_("facts"), default=dict)
    scored_at = InstantField(_("scored"))

    class Meta:
        verbose_name = _("early-warning score")
        verbose_name_plural = _("early-warning scores")
        indexes: ClassVar = [models.Index(fields=["store", "-score", "order"], name="score_by_height")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.score}"


class RiskCheck(LeasedModel):
    """When the flags and scores of a store were brought in line last, and when that is due again (TM-14)."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, primary_key=True, related_name="risk_check")
    checked_at = InstantField(_("checked"), null=True)
    due_at = InstantField(_("due"))

    class Meta:
        verbose_name = _("check of risks")
        verbose_name_plural = _("checks of risks")
        indexes: ClassVar = [models.Index(fields=["due_at"], name="risk_check_by_due")]

    def __str__(self) -> str:
        return str(self.store_id)
