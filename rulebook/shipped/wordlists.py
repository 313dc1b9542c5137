"""Word lists by language: absolute claims, soliciting of reviews, moods before a low star, addresses, listings."""

from rulebook.shipped.form import Entries, assumed, merged

ABSOLUTE_CLAIMS = {
    "zh": [
        "永不褪色",
        "终身保修",
        "永不变形",
        "永久保修",
        "全球第一",
        "绝对安全",
        "百分之百正品",
        "100%有效",
        "零风险",
        "最好的",
    ],
    "en": [
        "never fades",
        "never fade",
        "lifetime warranty",
        "forever",
        "100% safe",
        "unbreakable",
        "best in the world",
        "zero risk",
        "guaranteed results",
    ],
    "es": ["nunca se destiñe", "garantía de por vida", "100% seguro", "irrompible", "el mejor del mundo"],
    "fr": ["ne se décolore jamais", "garantie à vie", "100 % sûr", "incassable", "le meilleur du monde"],
    "ru": ["никогда не выцветает", "пожизненная гарантия", "100% безопасно", "лучший в мире"],
    "pt": ["nunca desbota", "garantia vitalícia", "100% seguro", "inquebrável", "o melhor do mundo"],
    "de": ["verblasst nie", "lebenslange garantie", "unzerbrechlich", "100 % sicher"],
    "it": ["non sbiadisce mai", "garanzia a vita", "indistruttibile"],
    "pl": ["nigdy nie blaknie", "dożywotnia gwarancja"],
}

SOLICITING = {
    "zh": ["好评返现", "五星返现", "返现", "加微信", "五星好评送", "刷单"],
    "en": [
        "refund for review",
        "5 star for",
        "five stars and we",
        "cash back for review",
        "gift for review",
        "whatsapp",
        "paypal refund",
    ],
    "es": ["reembolso por reseña", "regalo por reseña", "cinco estrellas y", "whatsapp"],
    "fr": ["remboursement contre avis", "cadeau contre avis", "cinq étoiles et", "whatsapp"],
    "ru": ["кэшбэк за отзыв", "подарок за отзыв", "пять звезд и", "whatsapp"],
    "pt": ["reembolso por avaliação", "presente por avaliação", "cinco estrelas e", "whatsapp"],
}

LOW_STAR = {
    "zh": ["失望", "太慢", "坏了", "骗子", "退款", "差评"],
    "en": ["disappointed", "too slow", "broken", "scam", "refund", "never arrived", "bad quality", "terrible"],
    "es": ["decepcionado", "muy lento", "roto", "estafa", "reembolso", "no ha llegado"],
    "fr": ["déçu", "trop lent", "cassé", "arnaque", "remboursement", "jamais reçu"],
    "ru": ["разочарован", "слишком долго", "сломан", "обман", "верните деньги", "не пришел"],
    "pt": ["decepcionado", "muito lento", "quebrado", "golpe", "reembolso", "não chegou"],
}

COLOUR_NOTE = {
    "zh": ["色差"],
    "en": [
        "colour difference",
        "color difference",
        "colour may vary",
        "color may vary",
        "colours may vary",
        "colors may vary",
        "colour may differ",
        "color may differ",
        "colours may differ",
        "colors may differ",
    ],
    "es": ["diferencia de color"],
    "fr": ["différence de couleur"],
    "ru": ["цвет может отличаться"],
    "pt": ["diferença de cor"],
}

ENTRIES: Entries = merged(
    assumed("words.absolute_claims", ABSOLUTE_CLAIMS, "DP-14 DP-17", "001"),
    assumed("words.soliciting", SOLICITING, "AF-12", "004"),
    assumed("words.low_star", LOW_STAR, "TM-14", "002"),
    assumed(
        "words.po_box",
        ["po box", "p.o. box", "apartado", "boîte postale", "а/я", "caixa postal", "postfach"],
        "TM-06",
        "002",
    ),
    assumed("words.size_tolerance", ["±1cm", "±1 cm", "± 1 cm", "+/-1cm", "+/- 1 cm", "1-3cm", "误差"], "DP-17", "001"),
    assumed("words.colour_note", COLOUR_NOTE, "DP-17", "001"),
)
