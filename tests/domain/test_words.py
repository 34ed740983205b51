"""These tests check that each everyday word finds what it means, or says that there is no label for it."""

from __future__ import annotations

import pytest

from imagelabels.domain import words as everyday
from imagelabels.domain.concept import Concept
from imagelabels.domain.taxonomy import Taxonomy, folded
from imagelabels.domain.words import EverydayWords, UnlabelledWords, Words

USUAL = {
    "animals": (
        "dog dogs puppy puppies cat cats kitten bird birds fish horse cow cows pig sheep goat chicken duck rabbit "
        "bunny deer fox wolf bear panda lion tiger elephant monkey mouse rat squirrel snake turtle frog lizard "
        "butterfly bee spider ant insect whale shark dolphin crab penguin owl eagle pet animal wildlife giraffe "
        "zebra kangaroo koala 猫科 猫科动物 犬科 狗狗 小狗 猫咪 小猫 鸟 鱼 马 牛 奶牛 猪 羊 鸡 鸭子 兔子 鹿 狐狸 "
        "狼 熊 熊猫 狮子 老虎 大象 猴子 老鼠 松鼠 蛇 乌龟 青蛙 蝴蝶 蜜蜂 蜘蛛 昆虫 宠物 动物"
    ),
    "people": (
        "people person human woman women man men girl boy baby child children kid kids toddler family friends "
        "couple group crowd face portrait selfie smile hand eyes hair wedding bride groom mom dad grandma 人 人物 "
        "女人 男人 女孩 男孩 宝宝 婴儿 孩子 小孩 儿童 家人 朋友 情侣 合影 自拍 人脸 笑脸 婚礼 新娘 妈妈 爸爸"
    ),
    "nature": (
        "beach sea ocean lake river waterfall mountain mountains hill valley forest tree trees woods grass field "
        "flower flowers rose leaf garden park sky cloud clouds sunset sunrise night moon star stars rainbow snow "
        "rain fog desert island landscape nature winter summer spring autumn water volcano 海滩 沙滩 海边 大海 海 "
        "湖 河 瀑布 山 森林 树 草地 花 玫瑰 树叶 花园 公园 天空 蓝天 云 日落 日出 夜景 月亮 星空 彩虹 雪 雪景 "
        "下雨 沙漠 岛 风景 自然 冬天 秋天"
    ),
    "places": (
        "city town village street road bridge building house home church temple castle tower skyscraper shop "
        "store restaurant cafe hotel hospital school office kitchen bedroom bathroom living-room window door "
        "stairs stadium museum airport station market library beach house 城市 街道 马路 桥 建筑 房子 教堂 寺庙 "
        "城堡 塔 高楼 商店 餐厅 酒店 医院 学校 办公室 厨房 卧室 客厅 窗户 门 楼梯 机场 车站 超市 图书馆"
    ),
    "things": (
        "car cars truck bus train plane airplane boat ship bike bicycle motorcycle taxi helicopter phone computer "
        "laptop tv camera book clock watch table chair sofa bed lamp umbrella bag backpack shoes hat dress shirt "
        "jeans glasses sunglasses guitar piano ball toy teddy-bear doll pen paper bottle cup knife mirror candle "
        "汽车 车 卡车 公交车 火车 高铁 飞机 船 自行车 摩托车 手机 电脑 电视 相机 书 手表 桌子 椅子 沙发 床 灯 "
        "雨伞 包 鞋 帽子 裙子 眼镜 吉他 钢琴 玩具 娃娃 瓶子 杯子"
    ),
    "food": (
        "food breakfast lunch dinner coffee tea beer wine cake bread pizza burger pasta noodles rice sushi salad "
        "soup meat fruit apple banana orange strawberry vegetables ice-cream chocolate cookie egg cheese dessert "
        "食物 美食 早餐 咖啡 茶 啤酒 红酒 蛋糕 面包 披萨 汉堡 面条 米饭 火锅 水果 苹果 香蕉 蔬菜 冰淇淋 巧克力 "
        "鸡蛋 甜点 饺子"
    ),
    "occasions": (
        "party birthday christmas holiday vacation travel graduation concert fireworks sport sports football "
        "soccer basketball tennis golf skiing swimming running hiking camping yoga dancing screenshot document "
        "receipt text drawing art painting red blue black white love cute beautiful 生日 聚会 圣诞节 旅行 旅游 "
        "毕业 演唱会 烟花 运动 足球 篮球 滑雪 游泳 跑步 露营 截图 文档 收据 文字 绘画 红色 可爱"
    ),
    "phones": (
        "invoice ticket contract note whiteboard comic anime video gif blurry nsfw sunny jewelry medicine zoo dance "
        "圣诞 度假 截屏 账单 车票 小票 合同 名片 笔记 白板 表情包 漫画 动漫 视频 模糊 色情 晴天 泳池 雪山 美景 全家福 "
        "老婆 老公 宝贝 婚纱 头像 商场 动物园 早饭 晚饭 零食 鞋子 石头"
    ),
}

NOBODY_S = ("mirror", "露营")
"""These usual words are neither labels nor known to have no label. IMM uses the second one."""


@pytest.fixture(scope="module")
def known() -> Words:
    return everyday.load()


def _usual() -> list[str]:
    return list(dict.fromkeys(word for words in USUAL.values() for word in words.split()))


def test_hundreds_of_the_words_that_people_type_find_labels_or_say_why_there_are_none(known: Words) -> None:
    usual = _usual()
    assert len(usual) > 450
    unanswered = {word for word in usual if not known.meant(word) and known.unsaid(word) is None}
    assert unanswered == set(NOBODY_S)


OTHERS = (
    "ladder fireplace rooftop mirror blanket stroller carseat slide sandcastle seashell surfboard skateboard "
    "snowman santa costume crown barber haircut treadmill trophy medal flag map globe ticket runway cockpit "
    "engine wheel tire garage parking gas crosswalk subway metro fireman sword pyramid ruins shrine pagoda "
    "windmill harvest wheat vineyard orchard beehive cowboy rodeo circus clown magician kite frisbee college "
    "wedding-ring cupboard drawer curtains hammock tulle marble gravel puddle horizon canal ferryman pilot "
    "captain scarecrow puppet statue-of-david pirate wizard fairy angel ghost zombie skeleton skull bones feather "
    "antler tusk paw tail whiskers nest cage leash collar saddle hoof stable kennel aquarium zoo veterinarian "
    "farmer gardener fisherman sailor diver athlete referee coach trainer judge lawyer priest monk"
)


def test_a_misspelt_word_gets_names_that_exist(known: Words) -> None:
    assert known.alike("vehicels") == ("Vehicles",)
    assert known.alike("golden retreiver") == ("Golden retriever",)
    assert known.alike("Chihuahau") == ("Chihuahua",)
    assert known.alike("qqqq") == ()


def test_words_that_nobody_thought_of_get_no_far_fetched_suggestion(known: Words) -> None:
    others = [word for word in OTHERS.split() if not known.meant(word) and known.unsaid(word) is None]
    assert len(others) > 90
    suggested = {word: known.alike(word) for word in (*NOBODY_S, *others) if known.alike(word)}
    assert suggested == {
        "puddle": ("Paddle",)
    }  # they differ by one letter, and the spelling does not show which was meant


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("beach", "seashore"),
        ("沙滩", "seashore"),
        ("kitten", "cat"),
        ("outside", "outdoor"),
        ("屋里", "indoor"),
        ("kittens", "cat"),
        ("puppies", "dog"),
        ("猫科", "cat wild-cat"),
        ("猫科动物", "cat wild-cat"),
        ("foxes", "red-fox kit-fox arctic-fox gray-fox"),
        ("bike", "bicycle"),
        ("Bikes", "bicycle"),
        ("plane", "airplane"),
        ("boats", "boat-and-ship"),
        ("cow", "cattle-and-bison"),
        ("tigers", "tiger"),
        ("pizzas", "pizza"),
        ("buses", "bus"),
        ("churches", "church"),
        ("strawberries", "strawberry"),
        ("glasses", "eyewear"),
        ("手机", "cell-phone"),
        ("dawn", "sunset"),
        ("晚霞", "sunset"),
        ("clouds", "sky"),
        ("蓝天", "sky"),
        ("lawns", "grass"),
        ("草原", "grass"),
        ("兽类", "mammal"),
        ("animals", "animal"),
    ],
)
def test_an_everyday_word_means_the_label_that_people_think_of(known: Words, word: str, ids: str) -> None:
    assert known.meant(word) == tuple(ids.split())
    for label_id in ids.split():
        assert known.ids(word) >= known.taxonomy.resolve(label_id)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("woman", "person"),
        ("Women", "person"),
        ("boys", "person"),
        ("man", "person"),
        ("baby", "person"),
        ("babies", "person"),
        ("child", "person"),
        ("宝宝", "person"),
        ("tree", "plant-and-fungus"),
        ("rainbow", "sky"),
        ("mornings", "sunset"),
        ("night", ""),
        ("forest", "plant-and-fungus landscape"),
        ("snow", "landscape"),
        ("birthday", ""),
        ("document", "graphic office-and-stationery"),
        ("文档", "graphic office-and-stationery"),
        ("invoices", "office-and-stationery graphic"),
        ("memes", "graphic"),
        ("zoo", "animal"),
        ("office", "indoor furniture"),
        ("教室", "indoor furniture"),
        ("schools", "building-and-structure indoor"),
        ("hospital", "building-and-structure indoor"),
    ],
)
def test_a_word_that_the_model_cannot_say_offers_only_what_is_wider(known: Words, word: str, near: str) -> None:
    unsaid = known.unsaid(word)
    assert unsaid is not None
    assert unsaid.near == tuple(near.split())
    assert known.meant(word) == ()
    assert known.ids(word).isdisjoint(known.taxonomy.concepts)


@pytest.mark.parametrize(
    ("word", "wider"),
    [
        ("groom", "person"),
        ("Weddings", "person"),
        ("婚礼", "person"),
        ("castles", "castle-and-palace"),
        ("城堡", "castle-and-palace"),
        ("cinema", "public-and-industrial-building"),
        ("microwave", "kitchen-appliance"),
    ],
)
def test_a_label_that_the_model_never_gives_offers_the_wider_one_that_it_gives(
    known: Words, word: str, wider: str
) -> None:
    assert known.silent(word) == dict.fromkeys(known.meant(word), wider)
    assert known.silent(wider) == {}


@pytest.mark.parametrize("word", ["oven", "castle-and-palace", "cat", "bride", "animals", "nobody's word"])
def test_a_word_for_something_that_the_model_gives_or_for_no_label_is_not_silent(known: Words, word: str) -> None:
    assert known.silent(word) == {}


def test_who_looks_for_a_sunset_would_be_told_to_look_at_nearly_every_photo(known: Words) -> None:
    assert [known.wider(word) for word in ("sunset", "天空", "lawn", "indoors", "cityscape")] == [None] * 5
    assert [known.wider(word) for word in ("crowds", "chart", "pug")] == ["person", "graphic", "dog"]
    offered = {label_id for entry in known.everyday if isinstance(entry, UnlabelledWords) for label_id in entry.near}
    assert "surroundings" not in offered


def test_no_word_that_the_model_cannot_say_offers_a_label_that_it_never_gives(known: Words) -> None:
    offered = {label_id for entry in known.everyday if isinstance(entry, UnlabelledWords) for label_id in entry.near}
    assert {label_id for label_id in offered if known.silent(label_id)} == set()


def test_every_entry_names_labels_that_exist_in_words_that_no_label_has(known: Words) -> None:
    labels = {*known.taxonomy.concepts, *known.taxonomy.wider}
    assert len(known.everyday) > 150
    for entry in known.everyday:
        assert set(entry.words) <= {"en", "zh-Hans"}
        assert entry.words.values()
        ids = entry.ids if isinstance(entry, EverydayWords) else entry.near
        assert labels.issuperset(ids)
        assert len(set(ids)) == len(ids)
        for words in entry.words.values():
            assert all(word == folded(word) or not word.isascii() for word in words)
            assert all(known.taxonomy.named(word) is None for word in words)


def test_why_a_word_cannot_be_said_ends_a_sentence_about_the_model(known: Words) -> None:
    whys = [entry.why for entry in known.everyday if isinstance(entry, UnlabelledWords)]
    assert all(why.split()[0] in ("does", "has", "knows", "sees") for why in whys)
    assert not [why for why in whys if why.endswith(".")]


VENDORS = ("ci", "imm")
CAT = Concept("cat", 1, None, {"en": "Cats"}, {"imm": ("Pet Cat",)})


@pytest.mark.parametrize(
    "entries",
    [
        [EverydayWords({"en": ("CATS",)}, ("cat",))],
        [EverydayWords({"en": ("kitten",)}, ("cat",)), UnlabelledWords({"en": ("Kitten",)}, "does not", ())],
        [UnlabelledWords({"en": ("kitten", "kitten")}, "does not", ())],
    ],
)
def test_a_word_that_would_mean_two_things_is_refused(entries: list[EverydayWords | UnlabelledWords]) -> None:
    with pytest.raises(ValueError, match="already means"):
        Words(Taxonomy([CAT], 1, vocabularies=VENDORS), entries)


def test_a_label_that_a_vendor_said_is_never_another_one_because_people_type_its_name_for_that() -> None:
    known = Words(Taxonomy([CAT], 1, vocabularies=VENDORS), [EverydayWords({"en": ("kitten",)}, ("cat",))])
    assert known.taxonomy.label_id("imm", "Kitten", "en") == "imm:Kitten"
    assert "imm:Kitten" in known.ids("kitten")
    assert "imm:Kitten" not in known.ids("cat")


def test_a_word_that_is_known_is_never_taken_for_the_plural_of_another() -> None:
    known = Words(
        Taxonomy([CAT, Concept("glass", 1, None, {"en": "Glass"}, {})], 1, vocabularies=VENDORS),
        [UnlabelledWords({"en": ("glasses",)}, "x", ())],
    )
    assert known.meant("glass") == ("glass",)
    assert known.meant("glasses") == ()
    assert known.meant("pet cats") == ("cat",)
    assert known.meant("imm:cats") == known.meant("") == ()


def naming(*names: str, everyday_words: tuple[EverydayWords | UnlabelledWords, ...] = ()) -> Words:
    """Return words of a taxonomy whose only concepts have these English names."""
    concepts = [Concept(f"id{number}", 1, None, {"en": name}, {}) for number, name in enumerate(names)]
    return Words(Taxonomy(concepts, 1, vocabularies=VENDORS), everyday_words)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("dog", "dogs"),
        ("toe", "toes"),
        ("puppy", "puppies"),
        ("bus", "buses"),
        ("fox", "foxes"),
        ("bench", "benches"),
        ("dish", "dishes"),
        ("ape", "apes"),
    ],
)
def test_a_label_is_found_by_its_name_in_the_other_number(one: str, many: str) -> None:
    assert naming(many).meant(one) == ("id0",)
    assert naming(one).meant(many) == ("id0",)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("ab", "abs"),
        ("x", "xes"),
        ("glas", "glass"),
        ("glass", "glas"),
        ("glass", "glasss"),
        ("狗", "狗s"),
        ("imm:dog", "imm:dogs"),
    ],
)
def test_a_word_too_short_or_of_another_kind_has_no_other_number(word: str, name: str) -> None:
    assert naming(name).meant(word) == ()


def test_a_word_of_three_letters_has_another_number() -> None:
    assert naming("tvs").meant("tv") == ()
    assert naming("cats").meant("cat") == ("id0",)


def test_a_word_that_is_taken_is_refused_with_the_label_that_has_it_or_as_there() -> None:
    with pytest.raises(ValueError, match="the everyday word 'DOG' already means id0"):
        naming("dog", everyday_words=(EverydayWords({"en": ("DOG",)}, ("id0",)),))
    with pytest.raises(ValueError, match="the everyday word 'Pup' already means something else"):
        naming("dog", everyday_words=(EverydayWords({"en": ("pup", "Pup")}, ("id0",)),))


def test_only_a_word_that_means_no_label_has_a_reason_why_it_cannot_be_said() -> None:
    pups = UnlabelledWords({"en": ("pups",)}, "tells no age", ())
    assert naming("dog", everyday_words=(pups,)).unsaid("pups") == pups
    assert naming("pup", everyday_words=(pups,)).unsaid("pup") is None
    assert naming("dog", everyday_words=(EverydayWords({"en": ("pup",)}, ("id0",)),)).unsaid("pup") is None
    assert naming("dog").unsaid("nobody thought of this") is None
