"""Words for attributes of goods by language, for the listing check (DP-17): what contradicts what, and the sentences
that are suggested. The keys are the attributes' own names; a word of another key is another value."""

from collections.abc import Mapping, Sequence

LANGUAGES = ("zh", "en", "es", "fr", "ru", "pt")

Words = Mapping[str, Mapping[str, Sequence[str]]]

MATERIALS: Words = {
    "cotton": {
        "zh": ("纯棉", "全棉", "棉质", "棉"),
        "en": ("cotton",),
        "es": ("algodón",),
        "fr": ("coton",),
        "ru": ("хлопок", "хлопка", "хлопковый", "хлопковая", "хлопковое"),
        "pt": ("algodão",),
    },
    "polyester": {
        "zh": ("聚酯纤维", "涤纶"),
        "en": ("polyester",),
        "es": ("poliéster",),
        "fr": ("polyester",),
        "ru": ("полиэстер", "полиэстера"),
        "pt": ("poliéster",),
    },
    "imitation leather": {
        "zh": ("人造革", "仿皮", "PU皮", "PU 皮"),
        "en": ("pu leather", "faux leather", "imitation leather", "artificial leather"),
        "es": ("cuero sintético", "cuero pu", "piel sintética"),
        "fr": ("similicuir", "simili cuir", "cuir synthétique"),
        "ru": ("искусственная кожа", "искусственной кожи", "экокожа", "экокожи"),
        "pt": ("couro sintético", "couro pu", "couro ecológico"),
    },
    "leather": {
        "zh": ("真皮", "牛皮", "羊皮"),
        "en": ("genuine leather", "real leather", "leather"),
        "es": ("cuero genuino", "cuero"),
        "fr": ("cuir véritable", "cuir"),
        "ru": ("натуральная кожа", "натуральной кожи"),
        "pt": ("couro legítimo", "couro genuíno", "couro"),
    },
    "silk": {
        "zh": ("真丝", "桑蚕丝", "蚕丝"),
        "en": ("silk",),
        "es": ("seda",),
        "fr": ("soie",),
        "ru": ("шелк", "шёлк", "шелка", "шёлка"),
        "pt": ("seda",),
    },
    "wool": {
        "zh": ("羊毛",),
        "en": ("wool",),
        "es": ("lana",),
        "fr": ("laine",),
        "ru": ("шерсть", "шерсти"),
        "pt": ("lã",),
    },
    "linen": {
        "zh": ("亚麻",),
        "en": ("linen",),
        "es": ("lino",),
        "fr": ("lin",),
        "ru": ("лён", "лен", "льна"),
        "pt": ("linho",),
    },
    "stainless steel": {
        "zh": ("不锈钢",),
        "en": ("stainless steel",),
        "es": ("acero inoxidable",),
        "fr": ("acier inoxydable",),
        "ru": ("нержавеющая сталь", "нержавеющей стали"),
        "pt": ("aço inoxidável",),
    },
    "plastic": {
        "zh": ("塑料",),
        "en": ("plastic",),
        "es": ("plástico",),
        "fr": ("plastique",),
        "ru": ("пластик", "пластика", "пластмасса"),
        "pt": ("plástico",),
    },
    "glass": {
        "zh": ("玻璃",),
        "en": ("glass",),
        "es": ("vidrio",),
        "fr": ("verre",),
        "ru": ("стекло", "стекла"),
        "pt": ("vidro",),
    },
    "ceramic": {
        "zh": ("陶瓷",),
        "en": ("ceramic", "porcelain"),
        "es": ("cerámica", "porcelana"),
        "fr": ("céramique", "porcelaine"),
        "ru": ("керамика", "керамики", "фарфор"),
        "pt": ("cerâmica", "porcelana"),
    },
    "silicone": {
        "zh": ("硅胶",),
        "en": ("silicone",),
        "es": ("silicona",),
        "fr": ("silicone",),
        "ru": ("силикон", "силикона"),
        "pt": ("silicone",),
    },
}

COLOURS: Words = {
    "black": {
        "zh": ("黑色",),
        "en": ("black",),
        "es": ("negro", "negra"),
        "fr": ("noir", "noire"),
        "ru": ("черный", "чёрный", "черная", "чёрная"),
        "pt": ("preto", "preta"),
    },
    "white": {
        "zh": ("白色",),
        "en": ("white",),
        "es": ("blanco", "blanca"),
        "fr": ("blanc", "blanche"),
        "ru": ("белый", "белая"),
        "pt": ("branco", "branca"),
    },
    "red": {
        "zh": ("红色",),
        "en": ("red",),
        "es": ("rojo", "roja"),
        "fr": ("rouge",),
        "ru": ("красный", "красная"),
        "pt": ("vermelho", "vermelha"),
    },
    "blue": {
        "zh": ("蓝色",),
        "en": ("blue",),
        "es": ("azul",),
        "fr": ("bleu", "bleue"),
        "ru": ("синий", "синяя", "голубой", "голубая"),
        "pt": ("azul",),
    },
    "green": {
        "zh": ("绿色",),
        "en": ("green",),
        "es": ("verde",),
        "fr": ("vert", "verte"),
        "ru": ("зеленый", "зелёный", "зеленая", "зелёная"),
        "pt": ("verde",),
    },
    "yellow": {
        "zh": ("黄色",),
        "en": ("yellow",),
        "es": ("amarillo", "amarilla"),
        "fr": ("jaune",),
        "ru": ("желтый", "жёлтый", "желтая", "жёлтая"),
        "pt": ("amarelo", "amarela"),
    },
    "pink": {
        "zh": ("粉色", "粉红色"),
        "en": ("pink",),
        "es": ("rosado", "rosada"),
        "fr": ("rose",),
        "ru": ("розовый", "розовая"),
        "pt": ("rosa",),
    },
    "grey": {
        "zh": ("灰色",),
        "en": ("grey", "gray"),
        "es": ("gris",),
        "fr": ("gris", "grise"),
        "ru": ("серый", "серая"),
        "pt": ("cinza",),
    },
    "brown": {
        "zh": ("棕色", "咖啡色"),
        "en": ("brown",),
        "es": ("marrón",),
        "fr": ("marron",),
        "ru": ("коричневый", "коричневая"),
        "pt": ("marrom",),
    },
}

# What a number of pieces is called; zh counts by measure words.
PIECES: Mapping[str, Sequence[str]] = {
    "zh": ("件装", "个装", "只装", "片装", "双装", "条装", "支装", "件套", "个", "件", "只"),
    "en": ("pcs", "pc", "pieces", "piece", "pack", "packs"),
    "es": ("piezas", "pieza", "unidades", "uds"),
    "fr": ("pièces", "pièce", "unités"),
    "ru": ("шт", "штук", "штуки"),
    "pt": ("peças", "peça", "unidades"),
}

# Millimetres of a unit of length, by how it is written.
UNITS: Mapping[str, str] = {
    "mm": "1",
    "毫米": "1",
    "мм": "1",
    "cm": "10",
    "厘米": "10",
    "公分": "10",
    "см": "10",
    "inch": "25.4",
    "inches": "25.4",
    "英寸": "25.4",
    "pulgadas": "25.4",
    "pouces": "25.4",
    "polegadas": "25.4",
    "дюймов": "25.4",
}

# Words that tell Latin scripts apart.
FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        {"the", "and", "of", "with", "for", "is", "in", "to", "this", "from", "your", "a", "on", "are", "it"}
    ),
    "es": frozenset(
        {"el", "la", "los", "las", "del", "y", "con", "para", "es", "en", "un", "una", "por", "su", "esta"}
    ),
    "fr": frozenset({"le", "les", "des", "du", "et", "avec", "pour", "est", "en", "un", "une", "votre", "ce", "sur"}),
    "pt": frozenset({"o", "os", "as", "do", "da", "dos", "e", "com", "para", "em", "um", "uma", "seu", "sua", "não"}),
}

SIZE_SENTENCES: Mapping[str, str] = {
    "zh": "尺寸为手工测量，可能有 ±{cm} cm 误差，请以实物为准。",
    "en": "Measured by hand: please allow a difference of ±{cm} cm.",
    "es": "Medido a mano: admita una diferencia de ±{cm} cm.",
    "fr": "Mesuré à la main : prévoyez un écart de ±{cm} cm.",
    "ru": "Измерено вручную: возможна погрешность ±{cm} cm.",
    "pt": "Medido à mão: considere uma diferença de ±{cm} cm.",
}
COLOUR_SENTENCES: Mapping[str, str] = {
    "zh": "因光线和显示屏不同，图片与实物可能存在色差。",
    "en": "Because of light and screens, the colour may vary slightly from the pictures.",
    "es": "Por la luz y la pantalla puede haber una ligera diferencia de color con las fotos.",
    "fr": "En raison de la lumière et de l'écran, une légère différence de couleur est possible.",
    "ru": "Из-за освещения и экрана цвет может отличаться от фотографий.",
    "pt": "Devido à luz e à tela, pode haver uma leve diferença de cor em relação às fotos.",
}
CLAIM_SENTENCES: Mapping[str, str] = {
    "zh": "性能与保修以商品说明和店铺售后政策为准。",
    "en": "Properties and warranty are as stated in this description and in our after-sales policy.",
    "es": "Las propiedades y la garantía son las indicadas en esta descripción y en nuestra política posventa.",
    "fr": "Les propriétés et la garantie sont celles de cette description et de notre politique après-vente.",
    "ru": "Свойства и гарантия указаны в этом описании и в наших правилах обслуживания.",
    "pt": "As propriedades e a garantia são as indicadas nesta descrição e na nossa política de pós-venda.",
}
# Before the value that is right.
LABELS: Mapping[str, Mapping[str, str]] = {
    "sizes": {
        "zh": "尺寸：",
        "en": "Size: ",
        "es": "Medida: ",
        "fr": "Dimensions : ",
        "ru": "Размер: ",
        "pt": "Medida: ",
    },
    "materials": {
        "zh": "材质：",
        "en": "Material: ",
        "es": "Material: ",
        "fr": "Matière : ",
        "ru": "Материал: ",
        "pt": "Material: ",
    },
    "colours": {"zh": "颜色：", "en": "Colour: ", "es": "Color: ", "fr": "Couleur : ", "ru": "Цвет: ", "pt": "Cor: "},
    "quantities": {
        "zh": "数量：",
        "en": "Quantity: ",
        "es": "Cantidad: ",
        "fr": "Quantité : ",
        "ru": "Количество: ",
        "pt": "Quantidade: ",
    },
}
