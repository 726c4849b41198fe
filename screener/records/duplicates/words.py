"""Lists of words: languages, titles that many works carry, particles of names, registries, words without weight."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LANGUAGES = _words(
    "afrikaans albanian arabic armenian bosnian bulgarian catalan chinese croatian czech danish dutch english estonian finnish"
    " french georgian german greek hebrew hungarian icelandic indonesian italian japanese korean latvian lithuanian macedonian"
    " malay norwegian persian polish portuguese romanian russian serbian slovak slovenian spanish swedish thai turkish ukrainian"
    " vietnamese"
)
"""As Ovid writes them behind a translated title: "[Russian]"."""
NUMBERED = _words(
    "part parts phase type types stage grade class group section chapter volume series number no step level report vitamin"
    " hepatitis factor"
)
"""What a single letter or Roman number behind it tells apart."""
SAY_NOTHING = _words(
    "a an and author authors by case comment commentary comments contents correction corrigendum editor editorial editors"
    " erratum for foreword from guest image images in index introduction issue letter letters memoriam message month news note"
    " notice obituary of on original preface re regarding reply report research response retraction review special table the"
    " this to abstract abstracts annual meeting conference congress poster posters session program programme proceedings"
    " announcement announcements book reviews conclusion conclusions discussion summary references"
)
"""A title of nothing but these ("Letter to the editor") says nothing of a work."""
NO_TITLE = frozenset({"", "na", "n a", "nan", "nil", "none", "null", "unknown", "untitled", "no title", "not available",
                      "no title available", "title not available", "tbd", "missing"})  # fmt: skip
NOTHING = frozenset(
    {"", "unknown", "na", "n a", "nan", "none", "null", "no pagination", "not available", "tbd", "epub"}
)
"""What stands in the place of a volume, a page or a journal that is not known."""
REGISTRIES = _words("nct isrctn euctr ctri jprn actrn drks chictr irct ntr tctr pactr slctr rbr kct umin")
"""As CENTRAL writes the registry in the place of an author: "Nct"."""
NOBODY = _words("anonymous anon anonim unknown na none noauthor noauthorlisted editorial")
OPPOSED = (("hyper", "hypo"), ("inter", "intra"), ("infra", "supra"), ("pre", "post"), ("micro", "macro"), ("mono", "multi"),
           ("systol", "diastol"), ("under", "over"), ("anterior", "posterior"), ("mater", "pater"))  # fmt: skip
"""Beginnings of words that make two other words of one ending: "hyperkalaemia", "hypokalaemia"."""
NEGATING = _words("a an non un in anti")
"""Beginnings that turn a word into its contrary: "symptomatic", "asymptomatic"."""
DENYING = _words("non not no never without")
"""Words that turn a title into its contrary."""
PARTICLES = _words("van von der den de del della di da dos du la le el al bin ten ter zu zur")
IN_VENUES = _words(
    "a an and de der des di do du e el et for fuer fur il in la las le les los of on online print the to und y proceedings"
    " conference annual international"
)
"""Words of a journal's or a congress's name that are left out as often as not."""
SMALL = _words("a an the of in on for and to by")
"""Words that titles have or not, whoever copies them."""
