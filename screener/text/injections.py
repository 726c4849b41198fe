"""Sentences that tell a machine what to answer, in several languages.

Four kinds: to set rules aside; to give a verdict; a record that says of itself that it meets the criteria; words to a
machine. They are orders: an abstract that *reports* that values were ignored, or that criteria were applied, is none.
"""

import re
from collections.abc import Iterator
from functools import cache

_GAP = r"[^.!?。！？]{0,60}?"
_START = r"(?:^|[.!?:;,\"'“”‘’»«()\[\]*#>\u2013\u2014-]\s*|\b(?:please|kindly|must|should|shall|now|then|instead|simply|just|to you|you (?:may|can|will|have to|need to)|and)\s+)"
"""What stands before an order in English: the beginning of a sentence, or a word that makes it one."""
_WORK = r"(?:record|paper|study|article|abstract|manuscript|submission|entry|document|citation|publication|report|one)"
_MACHINE = (
    r"(?:(?:large )?language model|llms?|ai|a\.i\.|artificial intelligence|assistants?|chatbots?|chat ?gpt|gpt(?:-?\d\w*)?|claude|gemini"
    r"|copilot|automated (?:reviewers?|screeners?|systems?|tools?)|(?:ai|machine|robot|automatic|virtual) (?:reviewers?|screeners?|readers?|agents?|assistants?|models?|systems?|tools?)"
    r"|screening (?:ai|agent|bot|model|tool|system|assistant|software)|bots?|reviewer|screener|model|machine)"
)
_OVERRIDE = r"(?:ignore|disregard|forget|override|overrule|bypass(?! of)|set aside|skip|discard|pay no attention to|do not (?:follow|apply|use|obey)|don't (?:follow|apply|use)|stop (?:following|applying))"
_RULES = (
    r"(?:instructions?|prompts?|guidelines?|directions?|directives?|orders?|(?:\w+ )?criteri(?:a|on)|rules?|polic(?:y|ies)|constraints?"
    r"|(?:everything|anything|all|whatever)(?: \w+){0,4} (?:above|before|told|said|previously|earlier)|previous|prior (?:context|text|messages?)|what you (?:were|have been) told|your (?:task|training|protocol))"
)
_YES = r"(?:[\"'“‘]?(?:yes|includ(?:e|ed)|eligible|relevant|true|positive|accept(?:ed)?|met|meeting|satisfying|fulfill?ing|pass)\b)"
_JUDGE = r"(?:include|accept|approve|mark|rate|classify|label|score|select|keep|judge|treat|flag|tag|assign|give|set|consider|regard|answer|respond|reply|return|output|write|say|report|choose|decide|vote|recommend|admit|pass|code|screen)"

_PATTERNS: dict[str, tuple[str, ...]] = {
    "en": (
        rf"{_START}{_OVERRIDE}\b(?: (?:all|any|every|the|your|these|those|of|my|its|each|and|previous|prior|above|earlier|other|given|preceding|former|whole|entire|initial|original|existing|current|\w+ing|inclusion|exclusion|eligibility|system)){{0,5}} {_RULES}",
        rf"{_START}{_JUDGE}\b (?:this|the present|the (?:above|following)|the current|it|all|every|each|any|with|only|simply|in the affirmative|[\"'“‘]){_GAP}{_YES}",
        rf"{_START}(?:answer|respond|reply|output|return|say|write) (?:only )?(?:with )?(?:the word )?[\"'“‘]?(?:yes|include|eligible|true)\b(?! or | / |/)",
        rf"{_START}(?:include|accept|approve|keep|admit|select|do not (?:exclude|reject)|never (?:exclude|reject)|don't (?:exclude|reject)) (?:this|the present|the current) {_WORK}\b",
        rf"\bthis {_WORK} (?:fully |clearly |already |certainly )?(?:meets|satisf(?:ies|y)|fulfill?s|matches|passes|complies with) (?:all|every|each|any)(?: (?:one )?of)?(?: the| your| its| stated)?(?: \d+)?(?: inclusion| eligibility| screening| selection| review| listed| above| required)*(?: and exclusion)? (?:criteri|question|(?:requirement|condition)s?\b(?! (?:of|for|by|in)))",
        rf"\b(?:this|the present) {_WORK} (?:must|has to|needs to|is to|should always|shall|should|ought to) (?:always |definitely |certainly |therefore |automatically )?be (?:included?\b(?! in (?:future|meta|guidelines|a future|further))|accepted\b|approved\b|marked|classified as|rated|kept\b|judged|labelled|labeled|selected\b|retained\b|considered (?:eligible|relevant)|coded as|scored)",
        rf"(?:^|[.!?:;,\"'“(\[*#-]\s*)(?:dear|attention|attn|hey|hello|hi|note (?:to|for)|message (?:to|for)|instructions? (?:to|for)|notice (?:to|for)|information for|for the attention of|to)[,:]?(?: (?:the|any|all|an?|my|every|our))* {_MACHINE}\b(?:[,:;!]| (?:that|who|which|reading|processing|screening|reviewing|evaluating|you|please|if)\b)",
        rf"\b(?:as|since you are|because you are|if you are|when you are) an? {_MACHINE}\b[^.!?]{{0,20}}(?:,|you|please)[^.!?]{{0,60}}\b(?:you|please|this {_WORK}|answer|include|respond|output|must)\b",
        rf"\byou are (?:now |no longer |actually )?(?:an? |the |bound |obliged |required |instructed |hereby |asked |told )+(?:helpful |{_MACHINE}|to |by )",
        r"\byour (?:only |new |sole |real |actual |next |final |correct )*(?:task|role|job|goal|answer|answers|response|output|verdict|decision|judge?ment|reply|instructions?)\b(?: \w+){0,3} (?:is|are|must|should|shall|has to|will)\b",
        r"\b(?:the |all |any |your )?(?:previous|prior|above|earlier|inclusion|eligibility|screening|review|system|exclusion) (?:instructions?|criteria|rules?|prompts?|guidelines?) (?:above )?(?:no longer apply(?! to (?!this))|do not apply here|are (?:void|cancelled|canceled|obsolete|suspended|withdrawn|superseded|replaced|revoked|outdated|lifted|waived)|have been (?:void|cancelled|canceled|suspended|withdrawn|superseded|replaced|revoked|updated|lifted|waived|overridden))",
        r"\b(?:new|updated|hidden|revised|additional|important|special|secret|final) instructions?(?: (?:to|for) \w+(?: \w+)?)?\s*:",
        r"\b(?:pretend|imagine|act as if|behave as if) (?:that )?(?:you|the criteria|all criteria|every criterion|everything)\b",
        r"\b(?:reveal|print|repeat|show|output|disclose) (?:me )?(?:your|the) (?:system |hidden |initial |full )?(?:prompt|instructions)\b",
        rf"\b(?:the )?(?:correct|right|expected|only valid|only acceptable|required) (?:answer|decision|verdict|response|output) (?:for this {_WORK} |here |to (?:every|all|each)(?: \w+){{1,2}} )?is (?:always )?{_YES}",
        r"\b(?:ai|automated|machine|language model|llm)s? (?:reviewers?|screeners?|readers?|systems?|models?|assistants?|agents?)? ?(?:must|should|are (?:instructed|asked|required) to|shall) (?:always )?(?:include|answer|accept|rate|mark|respond|classify|ignore|label|give|treat|judge)\b[^.!?]{0,40}\b(?:this|yes|include|all|every|eligible)",
        r"\[(?:system|instructions?|admin|developer|assistant)\b",
        rf"\b(?:all|every)(?: of)?(?: the| your)?(?: screening| inclusion| eligibility| review)? criteri(?:a|on) (?:are|is|have been|has been) (?:hereby |clearly |fully |already )?(?:met|satisfied|fulfill?ed)\b(?: (?:by|for|in) this {_WORK}|\s*[;:,.]\s*(?:so |therefore |thus |and )?(?:you |please )?{_JUDGE}\b)",
        rf"\b(?:llms?|ais?|language models?|chat ?gpt|assistants?)(?: reviewers?| screeners?| readers?| agents?)?\s*[:,]\s*(?:please |you )?{_JUDGE}\b",
        rf"{_START}(?:give|write|leave) (?:an? |this {_WORK} (?:an? |the )?)(?:only )?(?:positive|highest|top|maximum|best|perfect|favou?rable|full)\b",
        r"\bdo not (?:highlight|mention|list|report|point out) any (?:negatives?|weaknesses|flaws|limitations|problems)",
        r"\b(?:message|note|instructions?|notice|request) (?:to|for)(?: (?:the|any|all|every))* (?:llms?|ais?|language models?|chatbots?|(?:ai|automated|machine) \w+)\b",
        r"\b(?:following|above|below|this|these) (?:text|message|line|note|sentence|instruction|order)s? (?:overrides?|supersedes?|replaces?|cancels?|takes? precedence over) (?:your|all|any|the)\b",
        r"\b(?:developer|debug|admin|god|jailbreak|maintenance|override) mode (?:is )?(?:now )?(?:enabled|activated|active|on)\b",
        r"\b(?:decision|answer|verdict|output|result|label|include)\s*[=:]{1,2}\s*[\"'“]?(?:include|included|yes|true)\b",
        rf"{_START}(?:act|behave) (?:as|like) an? (?:\w+ ){{1,3}}(?:who|that|which)\b",
    ),
    "de": (
        r"\b(?:ignoriere|ignorier|ignorieren sie|ignoriert alle|missachte|missachten sie|vergiss|vergessen sie|übergehe|übergehen sie|überspringe|beachte nicht|beachten sie nicht|verwirf|verwerfen sie|befolge (?:nicht|keine)|setze dich über)\b"
        + _GAP
        + r"(?:anweisung|vorgabe|instruktion|kriteri|regel|prompt|obig|oben|vorherig|vorangeh|bisherig|vorigen|aufgabe|richtlinie|befehl)",
        r"\b(?:antworte|antworten sie|beantworte|beantworten sie|markiere|markieren sie|bewerte|bewerten sie|stufe|stufen sie|setze|setzen sie|gib|geben sie|wähle|wählen sie|entscheide|entscheiden sie|schreibe|schreiben sie|klassifiziere|klassifizieren sie|betrachte|betrachten sie)\b"
        + _GAP
        + r"(?:„|\"|')?(?:\bja\b|einschl|eingeschlossen|geeignet|relevant|erfüllt|yes\b|include)",
        r"\b(?:schließe|schließen sie|nimm|nehmen sie|behalte|behalten sie|akzeptiere|akzeptieren sie)\b[^.!?]{0,20}\b(?:diese[nrs]?|den vorliegenden) (?:datensatz|artikel|studie|eintrag|arbeit|aufsatz|beitrag|publikation|abstract)",
        r"\bdiese[rs]? (?:datensatz|artikel|studie|eintrag|arbeit|aufsatz|beitrag|publikation|abstract) (?:erfüllt|entspricht) (?:alle|sämtliche|jede)[nsr]?\b[^.!?]{0,20}kriteri",
        r"\bdiese[rs]? (?:datensatz|artikel|studie|eintrag|arbeit|aufsatz|beitrag|publikation|abstract) (?:muss|ist|soll|sollte)\b[^.!?]{0,30}\b(?:eingeschlossen|aufgenommen|aufzunehmen|einzuschließen|akzeptiert|angenommen)",
        r"\b(?:als|hinweis (?:an|für)|nachricht an|anweisung (?:an|für)|achtung[,:]?|liebe[rs]?|an)\b(?: (?:die|den|das|alle|eine?|jede[sn]?))? ?(?:ki\b|ki-|künstliche intelligenz|sprachmodell|automatisierte|maschinelle)[^.!?]{0,30}[,:!]",
        r"\bals (?:ki|sprachmodell|künstliche intelligenz|assistent|ki-\w+)\b[^.!?]{0,30}\b(?:sollst|musst|hast|sollen sie|müssen sie|haben sie|darfst)\b",
        r"\balle (?:einschluss)?kriterien (?:sind|gelten als) (?:hiermit )?erfüllt\b\s*[,;:.]\s*(?:also |daher |bitte )?(?:antworte|schließe|nimm|bewerte)",
        r"\bdu bist (?:jetzt|nun|ab jetzt|ein|eine)\b|\bsie sind (?:jetzt|nun|ab jetzt) ein",
    ),
    "fr": (
        r"\b(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) (?:pas|aucun) (?:compte|cas)|néglige[zr]?|passe[zr]? outre|fais abstraction|faites abstraction|ne (?:suis|suivez|respecte[z]?) pas)\b"
        + _GAP
        + r"(?:instruction|consigne|critère|règle|précéd|ci-dessus|prompt|directive)",
        r"\b(?:réponds|répondez|marque[z]|classe[z]|considère|considérez|note[z]|indique[z]|choisis|choisissez|donne[z]|écris|écrivez|attribue[z]?|juge[z])\b"
        + _GAP
        + r"(?:\boui\b|inclu(?:s|re|e|ses)?\b|éligible|pertinent|yes\b|include)",
        r"\b(?:inclus|inclue[z]?|incluez|accepte[z]?|garde[z]?|retiens|retenez|sélectionne[z]?|n['’]exclu(?:s|ez) pas)\b[^.!?]{0,20}\b(?:cet|cette|ce|le présent|la présente) (?:article|étude|enregistrement|notice|document|travail|publication|résumé)",
        r"\b(?:cet|cette|ce|le présent|la présente) (?:article|étude|enregistrement|notice|document|travail|publication|résumé) (?:remplit|satisfait|répond|respecte)\b[^.!?]{0,15}\b(?:tous|toutes|chacun|chaque)\b[^.!?]{0,20}(?:critère|condition)",
        r"\b(?:cet|cette|ce|le présent|la présente) (?:article|étude|enregistrement|notice|document|travail|publication|résumé) (?:doit|devra|devrait)\b[^.!?]{0,20}\b(?:inclus|incluse|accepté|acceptée|retenu|retenue|classé|marqué)",
        r"\b(?:en tant qu['’e]|note (?:à|pour|aux)|message (?:à|pour|aux)|instruction (?:à|pour|aux)|à l['’]attention d|attention|cher|chère)[^.!?]{0,20}(?:\bia\b|intelligence artificielle|modèles? de langage|assistant|relecteur automatique)[^.!?]{0,20}[,:!]",
        r"\b(?:tu es|vous êtes) (?:maintenant|désormais|un|une)\b",
    ),
    "es": (
        r"\b(?:ignor[ae]n?|olvid[ae]n?|descart[ae]n?|omit[ae]n?|no (?:sigas|siga|apliques|aplique)|haz caso omiso|haga caso omiso|desestim[ae]|no (?:tengas|tenga) en cuenta)\b"
        + _GAP
        + r"(?:instruccion|criterio|regla|anterior|arriba|indicacion|prompt|directri|órdenes)",
        r"\b(?:responde|responda|contest[ae]|marc[ae]|marque|clasific[ae]|clasifique|consider[ae]|indic[ae]|indique|eli[jg][ea]|escrib[ae]|asign[ae]|calific[ae]|califique|devuelv[ae]|da|dé)\b"
        + _GAP
        + r"(?:\bsí\b|incluid|incluir|incluye|elegible|relevante|yes\b|include)",
        r"\b(?:incluye|incluya|acept[ae]|seleccion[ae]|mantén|mantenga|no (?:excluyas|excluya|rechaces|rechace))\b[^.!?]{0,10}\best[ea] (?:registro|artículo|estudio|trabajo|documento|publicación|resumen|referencia)",
        r"\best[ea] (?:registro|artículo|estudio|trabajo|documento|publicación|resumen) (?:cumple|satisface|reúne)\b[^.!?]{0,10}\b(?:todos|todas|cada)\b[^.!?]{0,25}(?:criterio|requisito|condicion)",
        r"\best[ea] (?:registro|artículo|estudio|trabajo|documento|publicación|resumen) (?:debe|deberá|debería|tiene que)\b[^.!?]{0,15}\b(?:incluirse|incluid|aceptarse|aceptad|clasificar|marcar|seleccionad)",
        r"\b(?:nota|mensaje|aviso|atención|instrucción|instrucciones|como|estimad[oa])[^.!?]{0,15}(?:\bia\b|inteligencia artificial|modelos? de lenguaje|asistente|revisor automático)[^.!?]{0,20}[,:!]",
        r"\b(?:ahora )?eres (?:ahora )?un[ao]?\b",
    ),
    "it": (
        r"\b(?:ignora|ignorate|ignori|dimentica|dimenticate|trascura|non (?:considerare|seguire|seguite|applicare)|tralascia)\b"
        + _GAP
        + r"(?:istruzion|criteri|regol|precedent|quanto sopra|prompt|indicazion|direttiv)",
        r"\b(?:rispondi|rispondete|risponda|contrassegna|classifica|considera|indica|scegli|scrivi|assegna|valuta)\b"
        + _GAP
        + r"(?:\bsì\b|\binclu(?:so|sa|dere|di)\b|idone|ammissibil|pertinente|yes\b|include)",
        r"\b(?:includi|includete|includa|accetta|accettate|mantieni|non escludere)\b[^.!?]{0,10}\bquest[oa'’] ?(?:record|articolo|studio|lavoro|documento|pubblicazione)",
        r"\bquest[oa'’] ?(?:record|articolo|studio|lavoro|documento|pubblicazione) (?:soddisfa|rispetta|deve essere|va)\b[^.!?]{0,15}\b(?:tutti|tutte|ogni|inclus|accettat)",
        r"\b(?:nota|messaggio|istruzioni?|in qualità di|come|attenzione)[^.!?]{0,15}(?:\bia\b|intelligenza artificiale|modell[oi] linguistic|assistente|revisore automatico)[^.!?]{0,20}[,:!]",
    ),
    "pt": (
        r"\b(?:ignore[m]?|ignora|esqueça[m]?|desconsidere[m]?|descarte[m]?|não siga[m]?)\b"
        + _GAP
        + r"(?:instruç|critério|regra|anterior|acima|prompt|orientaç|diretri)",
        r"\b(?:responda|marque|classifique|considere|indique|escolha|escreva|atribua|avalie)\b"
        + _GAP
        + r"(?:\bsim\b|incluíd|incluir|elegível|relevante|yes\b|include)",
        r"\b(?:inclua|aceite|selecione|mantenha|não exclua)\b[^.!?]{0,10}\best[ea] (?:registro|registo|artigo|estudo|trabalho|documento|publicação)",
        r"\best[ea] (?:registro|registo|artigo|estudo|trabalho|documento|publicação) (?:atende|cumpre|satisfaz|deve ser)\b[^.!?]{0,15}\b(?:todos|todas|cada|incluíd|aceit)",
        r"\b(?:nota|mensagem|aviso|atenção|como)[^.!?]{0,15}(?:\bia\b|inteligência artificial|modelos? de linguagem|assistente|revisor automático)[^.!?]{0,20}[,:!]",
    ),
    "nl": (
        r"\b(?:negeer|vergeet|sla over|volg niet)\b"
        + _GAP
        + r"(?:instructie|criteri|regel|vorige|bovenstaande|prompt|aanwijzing)",
        r"\b(?:antwoord|beantwoord|markeer|classificeer|beschouw|geef)\b"
        + _GAP
        + r"(?:\bja\b|geïncludeerd|geschikt|relevant|yes\b|include)",
        r"\b(?:dit|deze) (?:record|artikel|studie|onderzoek|publicatie) (?:voldoet aan|moet worden)\b[^.!?]{0,15}\b(?:alle|elk|opgenomen|geïncludeerd)",
    ),
    "ru": (
        r"\b(?:игнорируй|забудь|не учитывай|пропусти|не следуй|отбрось)(?:те)?\b"
        + _GAP
        + r"(?:инструкц|критери|правил|указан|предыдущ|промпт)",
        r"\b(?:ответь|отвечай|отметь|считай|выбери|пиши|оцени|поставь)(?:те)?\b"
        + _GAP
        + r"(?:\bда\b|включ|подходящ|yes\b|include)",
        r"\b(?:включи|прими|не исключай)(?:те)?\b[^.!?]{0,10}\b(?:эту|этот|данн\w+) (?:стать|запис|исследован|работ)",
        r"\b(?:эта|этот|это|данн\w+) (?:статья|запись|исследование|работа)\b[^.!?]{0,15}(?:всем\b[^.!?]{0,15}критери|долж\w+ быть включ)",
    ),
    "zh": (
        r"(?:忽略|无视|無視|忘记|忘掉|不要理会|不要遵循|不要遵守|请勿遵循|跳过|抛开|忽視|忘記)[^。！？]{0,20}(?:指令|指示|说明|說明|标准|標準|规则|規則|提示|以上|之前|先前|要求|上述|前面)",
        r"(?:请|務必|务必|必须|必須|直接|一律|统一|都|全部|应当|只需|仅)[^。！？，]{0,12}(?:回答|答|输出|輸出|选择|標記|标记|判定|判断为|归类|返回|填写|评为)[^。！？]{0,12}(?:是|纳入|納入|符合|yes|include|合格|相关)",
        r"(?:请|务必|必须|直接|應|应)(?:将|把)?[^。！？，]{0,6}(?:纳入|納入|接受|保留|收录)[^。！？]{0,4}(?:本|该|此|这)(?:文|研究|记录|論文|论文|文献|条目|篇)",
        r"(?:本|该|此|这(?:篇|项|条)?)(?:文|研究|记录|論文|论文|文献|条目|文章)[^。！？]{0,6}(?:符合|满足|達到|达到)(?:了)?(?:所有|全部|一切)[^。！？]{0,8}(?:标准|標準|条件|要求)",
        r"(?:本|该|此|这(?:篇|项|条)?)(?:文|研究|记录|論文|论文|文献|条目|文章)(?:必须|必須|应当|应该|应|务必)(?:被)?(?:纳入|納入|接受|保留|收录)",
        r"(?:作为|致|给|注意|各位|亲爱的)[^。！？]{0,6}(?:人工智能|AI|语言模型|大模型|機器|机器|助手)[^。！？]{0,10}[，：:,！]",
        r"你(?:现在|現在)?(?:是|必须|应该|的任务|只能|要)",
    ),
    "ja": (
        r"(?:指示|命令|基準|ルール|プロンプト|上記|規則|以前|これまで)[^。！？]{0,12}(?:無視|忘れ|従わな)",
        r"(?:はい|include|yes|採用|適格|対象|含める)[」』\"']?(?:と|に)[^。！？]{0,8}(?:答え|回答|判定|出力|分類)[^。！？]{0,4}(?:なさい|ください|下さい|せよ|しろ|こと)",
        r"(?:この|本)(?:論文|研究|記録|文献)[^。！？]{0,8}(?:すべて|全て)[^。！？]{0,6}基準を満た|(?:AI|言語モデル|査読)[^。！？]{0,6}(?:へ|への指示|として)[：、:]",
        r"無視してください|無視せよ|無視しなさい",
    ),
    "ko": (
        r"(?:지시|명령|기준|지침|프롬프트|규칙|이전|위의)[^.!?]{0,20}(?:무시|잊)",
        r"(?:예|포함|적격)[\"'”’]?(?:라고|으로|로)[^.!?]{0,10}(?:답|표시|분류|출력)[^.!?]{0,4}(?:세요|시오|하라|해라|십시오)",
        r"이 (?:논문|연구|기록|문헌)[^.!?]{0,8}모든[^.!?]{0,8}기준[^.!?]{0,4}(?:충족|만족)",
    ),
    "ar": (
        r"(?:تجاهل|انس|أهمل)[^.!؟]{0,40}(?:تعليمات|معايير|قواعد|السابقة|أعلاه|الأوامر)",
        r"(?:أجب|اختر|اكتب|صنف)[^.!؟]{0,30}(?:نعم|مؤهل|yes|include)",
    ),
}
# What a pattern needs, if anything can be said of it in a few words: looking for that first is ten times as quick.
_HINTS: dict[str, str] = {
    "en": r"ignore|disregard|forget|over(?:ride|rule)|bypass|set aside|skip|discard|attention|do not|don't|never|stop |criteri|question|requirement|condition|must|should|shall|to be |has to|needs to|\bai\b|a\.i\.|model|llm|gpt|assistant|bot|claude|gemini|reviewer|screener|machine|\byour?\b|instruction|prompt|pretend|imagine|as if|give |leave |write |mode |overrid|supersed|replace|act |behave |answer|yes|includ|accept|approve|eligible|relevant|\[",
}


@cache
def _compiled() -> list[tuple[re.Pattern[str] | None, re.Pattern[str]]]:
    """Return the hint and the pattern of each language; they take long to compile, and few commands look for orders."""
    return [
        (
            re.compile(_HINTS[name], re.IGNORECASE) if name in _HINTS else None,
            re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE | re.MULTILINE),
        )
        for name, patterns in _PATTERNS.items()
    ]


def orders(text: str) -> Iterator[str]:
    """Yield the first order to a machine that each language finds in a text."""
    for hint, pattern in _compiled():
        if (hint is None or hint.search(text)) and (match := pattern.search(text)):
            yield match[0]
