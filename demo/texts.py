"""Short texts in the languages of buyers and sellers: reviews, messages, tracking notes, listing descriptions."""

from random import Random

REVIEWS: dict[str, dict[str, tuple[str, ...]]] = {
    "good": {
        "en": (
            "Exactly as pictured, arrived earlier than expected.",
            "Good quality for the price, will order again.",
            "Well packed, seller answered my question quickly.",
            "Works fine, thank you!",
        ),
        "es": (
            "Tal como en la foto, llegó antes de lo previsto.",
            "Muy buena calidad, repetiré seguro.",
            "Bien embalado y vendedor muy atento.",
            "Todo perfecto, gracias.",
        ),
        "ru": (
            "Всё как на фото, пришло быстро.",
            "Качество отличное, продавец вежливый.",
            "Хорошо упаковано, спасибо!",
            "Рекомендую, заказывал второй раз.",
        ),
        "fr": (
            "Conforme à la photo, livraison rapide.",
            "Très bonne qualité, je recommande.",
            "Bien emballé, merci au vendeur.",
            "Parfait, rien à redire.",
        ),
        "pt": (
            "Igual à foto, chegou antes do prazo.",
            "Boa qualidade pelo preço, recomendo.",
            "Muito bem embalado, obrigado!",
            "Vendedor atencioso, tudo certo.",
        ),
        "zh": ("和图片一样，物流很快。", "质量不错，会回购。", "包装很好，客服耐心。"),
    },
    "fair": {
        "en": (
            "It is okay, but the colour is paler than in the picture.",
            "Average. Delivery took a while.",
            "Does the job, smaller than I thought.",
        ),
        "es": (
            "Está bien, aunque el color es más claro que en la foto.",
            "Normal, tardó bastante en llegar.",
            "Cumple, pero es más pequeño de lo esperado.",
        ),
        "ru": ("Нормально, но цвет бледнее, чем на фото.", "Шло долго, в остальном терпимо.", "Меньше, чем я думала."),
        "fr": ("Correct, mais la couleur est plus claire.", "Moyen, livraison un peu longue.", "Plus petit que prévu."),
        "pt": (
            "Razoável, a cor é mais clara que na foto.",
            "Demorou para chegar, mas serve.",
            "Menor do que eu pensava.",
        ),
        "zh": ("一般般，颜色比图片浅。", "物流有点慢。"),
    },
    "bad": {
        "en": (
            "Broke after two days, very disappointed.",
            "Not what I ordered and the seller does not answer.",
            "Arrived damaged, poor packaging.",
            "The size does not match the description at all.",
        ),
        "es": (
            "Se rompió a los dos días, muy decepcionado.",
            "No es lo que pedí y el vendedor no contesta.",
            "Llegó dañado, mal embalaje.",
            "La talla no corresponde con la descripción.",
        ),
        "ru": (
            "Сломалось через два дня, очень разочарован.",
            "Прислали не то, продавец молчит.",
            "Пришло повреждённым.",
            "Размер не соответствует описанию.",
        ),
        "fr": (
            "Cassé au bout de deux jours, très déçu.",
            "Ce n'est pas ce que j'ai commandé, aucune réponse.",
            "Arrivé abîmé, mauvais emballage.",
            "La taille ne correspond pas du tout.",
        ),
        "pt": (
            "Quebrou em dois dias, muito decepcionado.",
            "Não foi o que pedi e o vendedor não responde.",
            "Chegou danificado, embalagem ruim.",
            "O tamanho não corresponde à descrição.",
        ),
        "zh": ("用了两天就坏了，很失望。", "发错货，卖家不回复。"),
    },
}

QUESTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "before": {
        "en": (
            "Hello, when will you ship my order?",
            "Can I still change the colour to black?",
            "What size fits 170 cm, please?",
        ),
        "es": ("Hola, ¿cuándo enviarán mi pedido?", "¿Puedo cambiar el color a negro?", "¿Qué talla para 170 cm?"),
        "ru": ("Здравствуйте, когда отправите заказ?", "Можно поменять цвет на чёрный?", "Какой размер на рост 170?"),
        "fr": ("Bonjour, quand allez-vous expédier ma commande ?", "Puis-je changer la couleur pour du noir ?"),
        "pt": ("Olá, quando vão enviar o meu pedido?", "Posso trocar a cor para preto?"),
    },
    "transit": {
        "en": ("Where is my parcel? The tracking has not moved.", "Is customs holding my package?"),
        "es": ("¿Dónde está mi paquete? El seguimiento no avanza.", "¿Está retenido en aduanas?"),
        "ru": ("Где моя посылка? Трек не обновляется.", "Посылка на таможне?"),
        "fr": ("Où est mon colis ? Le suivi ne bouge plus.", "Est-il bloqué en douane ?"),
        "pt": ("Onde está a minha encomenda? O rastreio não muda.", "Ficou presa na alfândega?"),
    },
    "after": {
        "en": ("I received it, how do I assemble it?", "One piece is missing from the box.", "Can I return it?"),
        "es": ("Ya lo recibí, ¿cómo se monta?", "Falta una pieza en la caja.", "¿Puedo devolverlo?"),
        "ru": ("Получил, как это собрать?", "В коробке не хватает одной детали.", "Можно вернуть товар?"),
        "fr": ("Je l'ai reçu, comment le monter ?", "Il manque une pièce dans la boîte.", "Puis-je le retourner ?"),
        "pt": ("Recebi, como se monta?", "Falta uma peça na caixa.", "Posso devolver?"),
    },
}

ANSWERS: dict[str, tuple[str, ...]] = {
    "en": (
        "Dear friend, we ship within two days and send you the number.",
        "Thank you for your patience, we checked it for you.",
        "Please see the guide in the attachment, we are glad to help.",
        "We will resend the missing part today.",
    ),
    "es": (
        "Hola, enviamos en dos días y le mandamos el número.",
        "Gracias por su paciencia, ya lo hemos comprobado.",
        "Le reenviamos hoy la pieza que falta.",
    ),
    "ru": (
        "Здравствуйте, отправим в течение двух дней и пришлём номер.",
        "Спасибо за терпение, мы всё проверили.",
        "Сегодня вышлем недостающую деталь.",
    ),
    "fr": (
        "Bonjour, nous expédions sous deux jours et vous envoyons le numéro.",
        "Merci de votre patience, nous avons vérifié.",
        "Nous renvoyons la pièce manquante aujourd'hui.",
    ),
    "pt": (
        "Olá, enviamos em dois dias e mandamos o código.",
        "Obrigado pela paciência, já verificamos.",
        "Reenviamos hoje a peça que falta.",
    ),
    "zh": ("亲，我们两天内发货，单号稍后发您。", "您好，已经帮您查询物流，请耐心等待。", "亲，缺的配件今天补发。"),
}

AUTOMATIC: dict[str, str] = {
    "en": "We have received your message and will reply within 24 hours.",
    "es": "Hemos recibido su mensaje y responderemos en 24 horas.",
    "ru": "Мы получили ваше сообщение и ответим в течение 24 часов.",
    "fr": "Nous avons bien reçu votre message et répondrons sous 24 heures.",
    "pt": "Recebemos a sua mensagem e responderemos em 24 horas.",
}

SOLICITING = "Please give us 5 stars and we send you a coupon of 3 dollars on WhatsApp."

SCAN_NOTES: dict[str, tuple[str, ...]] = {
    "label": ("Shipping label created",),
    "pickup": ("Picked up by carrier", "Received by logistics company"),
    "transit": (
        "Departed from sorting centre",
        "Arrived at sorting centre",
        "Flight departed",
        "Arrived at transit hub",
    ),
    "customs": ("Import customs clearance started",),
    "out_for_delivery": ("Out for delivery",),
    "delivered": ("Delivered", "Delivered, signed by recipient"),
    "exception": ("Delivery attempt failed, recipient absent", "Address incomplete"),
    "returned": ("Returned to sender",),
    "lost": ("Parcel declared lost",),
}

_PRODUCTS: dict[str, tuple[str, ...]] = {
    "home_storage": ("Folding storage box", "Drawer organizer", "Wardrobe hanging bag"),
    "home_kitchen": ("Silicone baking mat", "Vegetable chopper", "Stainless steel strainer"),
    "home_textile": ("Cotton pillow case", "Waterproof table cloth", "Soft throw blanket"),
    "home_festive": ("Balloon garland kit", "Paper lantern set", "Party banner"),
    "home_custom": ("Custom photo cushion", "Engraved door sign", "Made-to-measure curtain"),
    "phone_cases": ("Shockproof phone case", "Magnetic wallet case", "Clear cover"),
    "phone_chargers": ("65W GaN charger", "Braided USB-C cable", "Wireless charging stand"),
    "beauty_tools": ("Makeup brush set", "Jade face roller", "Eyelash curler"),
    "silver_jewellery": ("925 silver moissanite ring", "Sterling silver chain", "Silver charm bracelet"),
    "pearl_jewellery": ("Freshwater pearl necklace", "Pearl drop earrings", "Baroque pearl pendant"),
    "toy_blocks": ("Building blocks city set", "Magnetic tiles", "Wooden puzzle"),
    "fitness": ("Resistance band set", "Yoga mat 6 mm", "Adjustable dumbbell grip"),
    "cycling": ("Bicycle rear light", "Cycling gloves", "Aluminium bottle cage"),
    "led_strips": ("RGB LED strip 5 m", "Motion sensor night light", "COB strip warm white"),
    "hand_tools": ("Precision screwdriver set", "Ratchet wrench", "Digital caliper"),
}
_SOUND = "Size tolerance ±1 cm due to manual measurement. Colours may differ slightly between screens."
_DESCRIPTIONS = (
    "{title}. " + _SOUND,
    "{title}. Durable and easy to use. " + _SOUND,
    "{title}. Size as in the picture. Colours may differ slightly between screens.",
    "{title}. The colour never fades, lifetime warranty.",
    "{title}。永不褪色，终身保修。",
)


def product(leaf: str, number: int, rng: Random) -> tuple[str, str]:
    """Title and description of a store's listing; about one in seven makes a claim that a listing check objects to."""
    names = _PRODUCTS[leaf]
    title = f"{names[number % len(names)]} No. {number + 1}"
    pattern = rng.choices(_DESCRIPTIONS, (48, 24, 14, 9, 5))[0]
    return title, pattern.format(title=title)


def review_text(language: str, stars: int, rng: Random) -> str:
    """A buyer's words that fit the stars."""
    mood = "good" if stars >= 4 else "fair" if stars == 3 else "bad"
    texts = REVIEWS[mood]
    return rng.choice(texts.get(language, texts["en"]))


def question(language: str, stage: str, rng: Random) -> str:
    """A buyer's message before dispatch, in transit or after delivery."""
    texts = QUESTIONS[stage]
    return rng.choice(texts.get(language, texts["en"]))
