"""What the name of a column, or of someone who speaks, says in the languages that logs are kept in."""

import re
from collections.abc import Iterable
from enum import StrEnum, auto
from functools import lru_cache

from advisor.ingest.records.columns import plain_headers


class Hint(StrEnum):
    """What a word within a name says."""

    PROMPT = auto()
    ANSWER = auto()
    USER = auto()
    BOT = auto()
    TEXT = auto()
    SPEAKER = auto()
    EXPECTED = auto()
    """A right answer, or one that was not given."""
    MODEL = auto()
    SESSION = auto()
    PARENT = auto()
    ORDER = auto()
    TOKENS = auto()
    ALL = auto()
    """Of tokens: a sum, or some of them."""
    SYSTEM = auto()
    TIME = auto()
    BEGIN = auto()
    """A moment at which a call begins."""
    LATER = auto()
    """A moment after it."""
    DURATION = auto()
    ID = auto()
    ABOUT = auto()
    """Something about a text and not the text."""


LESS_SURE = frozenset({
    "ergebnis", "ergebnisse", "resultat", "resultado", "risultato", "resultaat", "wynik", "draft", "drafts",
    "entwurf", "brouillon", "borrador", "rascunho", "bozza", "suggestion", "suggestions", "vorschlag",
    "vorschlage", "sugerencia", "sugestao", "suggerimento", "retorno", "ritorno", "gen", "建议", "提案", "제안",
})  # fmt: skip
"""An answer only where no column is called one."""

_OF_RIGHT = """true perfect desired wanted std standard canonical official curated oracle benchmark should padrao
    estandar estandard modelo_ideal oficial officielle ufficiale offizielle standardowa oficjalna стандартный
    официальный 官方 公式 공식 규범"""
"""Words of a right answer, with one for answers in the same name."""

_WORDS: dict[Hint, str] = {
    Hint.PROMPT: """q prompt prompts question questions query queries ask asked request requests req input inputs
        inquiry instruction instructions problem frage fragen anfrage eingabe nutzereingabe demande requete entree
        pregunta consulta entrada peticion domanda richiesta pergunta solicitacao pedido vraag verzoek pytanie
        zapytanie dotaz otazka fraga spørgsmål sporsmal spørsmål kysymys kerdes intrebare soru vopros pitanje upit
        kausimas jautajums kusimus pertanyaan soalan tanong cauhoi cau_hoi вопрос запрос запит питання запитання
        въпрос питање ερωτηση ερωτημα שאלה سؤال السؤال استفسار پرسش سوال प्रश्न सवाल প্রশ্ন கேள்வி คำถาม 質問 質疑
        問い合わせ 入力 プロンプト 問 질문 문의 입력 프롬프트 问题 問題 提问 提問 输入 輸入 提示词 提示詞 询问 查询
        问 girdi masuk входной входные входных ввод wejscie wejsciowe wejsciowy vao вопроса запроса pytania الإدخال
        इनपुट domande preguntas perguntas demandes comando 提示 指令 指示 请求 依頼 相談 질의 요청 지시 명령""",
    Hint.ANSWER: """answer ergebnis ergebnisse resultat resultado risultato resultaat wynik результат draft drafts
        entwurf brouillon borrador rascunho bozza reponse_type reponses_types answers answered ans response responses
        resp res reply replies replied completion completions resps output outputs generated generation responder
        result chosen preferred antwort antworten ausgabe reponse reponses sortie respuesta respuestas salida
        risposta risposte resposta respostas saida antwoord odpowiedz odpoved svar vastaus valasz raspuns cevap yanit
        otvet odgovor atsakymas atbilde vastus jawaban balasan jawapan sagot traloi tra_loi cau_tra phan_hoi ответ
        відповідь отговор одговор απαντηση תשובה جواب الجواب إجابة اجابة الإجابة رد الرد پاسخ उत्तर जवाब উত্তর பதில்
        คำตอบ 回答 応答 返信 返答 出力 答え prediction predictions predicted pred vorhersage hypothesis hyp
        prediccion previsao predizione 预测 預測 予測 예측 답변 응답 출력 대답 答案 答复 答覆 回复 回復 回覆 输出
        輸出 答 cikti keluar suggestion suggestions vorschlag vorschlage sugerencia sugestao suggerimento
        contestacion retorno ritorno gen got obtained obtenida obtenido obtenue obtenu ottenuta ottenuto obtida
        obtido erhalten erhaltene ist 建议 提案 제안 generations keluaran выходные выходных 响应 响應 回应 回應 应答
        應答 返事 生成文 生成内容 生成结果 生成結果 생성문 uscita uscite generato generata generado generada gerado
        gerada generiert generierte generierter вывод wyjscie wyjsciowe uit uitvoer ra ответа ответы ответов
        odpowiedzi yanitlar الإخراج आउटपुट""",
    Hint.USER: """user users human humans customer customers client clients counselee visitor caller patient student
        asker guest member prompter questioner consumer shopper you me seeker inbound incoming received benutzer
        nutzer kunde utilisateur usager usuario usuaria cliente paciente utente utilizador gebruiker klant nutzers
        benutzers uzytkownik uzytkownika klient klienta uzivatel zakaznik bruger bruker kund anvandare kayttaja
        felhasznalo utilizator kullanici musteri pengguna pelanggan nguoi_dung khach пользователь пользователя клиент
        клиента користувача клієнта користувач потребител корисник χρηστης משתמש المستخدم مستخدم العميل کاربر
        उपयोगकर्ता ผู้ใช้ ลูกค้า 用户 用戶 顾客 客户 使用者 ユーザー ユーザ 利用者 お客様 顧客 사용자 고객 이용자 유저""",
    Hint.BOT: """bot rag assistant ai ia chatbot gpt gpt4 gpt3 gpt35 chatgpt openai llm model agent copilot claude
        gemini llama mistral mixtral qwen deepseek grok gemma deep_seek chat_gpt open_ai sonnet haiku opus machine
        robot virtual virtuel virtuell virtuelle virtuale counselor counsellor support operator operatore
        operador advisor therapist doctor admin staff representative rep expert wizard outbound outgoing sent
        responder teacher tutor assistent assistenz ki asistente agente assistente atendente asystent asystenta
        bota modelu modells konsultant asistent
        asistenta robo asistan tro_ly ассистент бот ии модель асистент помощник помічник βοηθος עוזר المساعد مساعد
        دستیار सहायक ผู้ช่วย 助手 助理 机器人 機器人 客服 模型 アシスタント ボット 봇 챗봇 어시스턴트 상담사 상담원""",
    Hint.TEXT: """message messages msg msgs text texts txt content contents utterance body comment sentence statement
        said says transcript paragraph post posts review reviews complaint tweet article document passage nachricht
        inhalt texte contenu mensaje mensajes texto contenido mensagem mensagens conteudo messaggio testo contenuto
        bericht tekst inhoud wiadomosc tresc zprava meddelande besked viesti uzenet mesaj metin icerik poruka pesan
        teks isi tin_nhan noi_dung сообщение текст повідомлення съобщение порука μηνυμα κειμενο הודעה رسالة الرسالة
        نص النص پیام متن संदेश ข้อความ 内容 內容 消息 讯息 訊息 文本 メッセージ 本文 発言 発話 내용 메시지 발화 본문""",
    Hint.SPEAKER: """role roles speaker author from sender who source type kind direction side party participant
        persona actor origin rolle sprecher absender rol remitente autor papel remetente ruolo mittente afzender
        nadawca tipo quem typ gonderen роль отправитель автор тип відправник 角色 发送者 发言人 話者 役割 発言者
        送信者 역할 발신자 화자""",
    Hint.EXPECTED: """oracle exemplar exemplary 标答 should_be should_have should_say erwartetes ideale ideales
        ideaal oro oru reponse_type reponses_types referencia referencias riferimento referenz soll sollwert etikett
        etiqueta expected expectation gt groundtruth reference references gold golden truth ideal correct target
        label labels annotation annotated annotator rejected erwartet erwartete erwarteter attendu attendue esperado
        esperada atteso correct correcta correcto correta correto corretta corretto richtig richtige richtiger
        korrekt korrekte bonne correcte exacte muster 正确 正確 模範 標準 musterlosung gabarito poprawna prawidlowa
        juiste dogru правильный правильная верный эталонный 모범 모범답안 verwacht oczekiwana эталон ожидаемый
        ожидаемая ожидаемое эталонная эталонное правильно wzorcowa wzorcowy wzorzec facit fasit forvantad forvantat
        forventet ratt riktig riktigt ocekavana spravna vzorova helyes elvart asteptat corecta beklenen referans
        odotettu oikea очікувана правильна еталонна αναμενομενη σωστη diharapkan rujukan dap_an chuan ref الصحيحة
        المتوقعة المرجعية נכונה צפויה सही अपेक्षित ถูกต้อง 正解 期待 期望 预期 预期 想定 理想 正答 标准 參考 参考 标注
        標註 예상 정답 기대 참조 표준 이상적""",
    Hint.MODEL: """model models engine llm deployment generator modell modele modelo modello модель 模型 モデル 모델""",
    Hint.SESSION: """session cid sessions sid conversation conversations convo conv thread threads chat chats dialog
        dialogue dialogs ticket tree gesprach sitzung unterhaltung chatverlauf conversacion sesion dialogo conversa
        sessao conversazione sessione gesprek sessie rozmowa sesja konversation samtal sohbet oturum percakapan sesi
        диалог сессия чат беседа розмова сесія 会话 對話 对话 会話 セッション 스레드 대화 세션 채팅 сессии диалога
        чата sesji rozmowy phien الجلسة جلسة المحادثة محادثة सत्र сесії konuşma gespraechs sess""",
    Hint.PARENT: "parent reply_to in_reply_to in_response_to previous",
    Hint.ORDER: """turn turns index idx seq sequence order offset ordinal position step number no nr orden ordem
        reihenfolge ordre 序号 順番 순서""",
    Hint.TOKENS: """token tokens toks tok usage jetons токены токенов 令牌 词元 トークン 토큰 tokeny токена رموز
        الرموز टोकन tokenow""",
    Hint.ALL: """total totals sum all cached cache reasoning max maximum limit gesamt estimated estimados estimado
        budget remaining""",
    Hint.SYSTEM: """system sys preamble preprompt metaprompt guidelines directives systeme sistema richtlinien consignes
        instrucciones istruzioni instrucoes anweisungen 系统 系統 システム 시스템 指示文 지침""",
    Hint.TIME: """time times timestamp date datetime day ts at on when created zeit datum zeitpunkt zeitstempel
        uhrzeit heure horodatage fecha hora tiempo momento data ora quando tijd tarih zaman waktu tanggal czas cas
        tid dato aika datetime ngay thoi_gian время дата час создано створений χρονος תאריך التاريخ تاريخ वक्त 时间
        時間 日期 日時 日付 创建 시간 날짜 일시 tempo temps""",
    Hint.BEGIN: """created start started begin request requested asked ask sent received logged""",
    Hint.LATER: """updated modified edited deleted ended end finished finish completed expires answered answer
        response responded resolved closed due""",
    Hint.DURATION: """latency dur duration elapsed e2e ttlb took runtime delay dauer antwortzeit laufzeit latenz
        duree latence duracion latencia demora duracao durata latenza duur looptijd sure gecikme processing execution
        inference roundtrip задержка длительность 耗时 延迟 延遲 处理时间 実行時間 応答時間 所要時間 処理時間 소요
        지연 처리시간 실행시간 응답시간 처리_시간 실행_시간 응답_시간 소요_시간 响应时间 用时 时延 時延 时长 時長
        延时 レイテンシ 経過 지연시간 소요시간 응답속도 bearbeitungszeit verarbeitungszeit reactietijd responstijd
        reaktionszeit rechenzeit wartezeit sekunden secondes segundos secondi seconden generierungszeit traitement
        procesamiento processamento elaborazione verwerking обработки wait waiting attente espera attesa suresi secs
        seconds millis المدة مدة अवधि durasi thoi_luong dlugosc длительности ランタイム latencies latencias""",
    Hint.ID: """id ids uid uuid guid key hash kennung identifiant identificador ident""",
    Hint.ABOUT: """count num len length chars words size cost price score scores rating ratings rated rate rank grade
        thumbs feedback lang language locale status state flag is has ok valid url uri link path page file files
        image photo media embedding vector version name names title titel titulo titre category categories categoria
        categorie topic tag tags intent channel platform device ip email mail phone country winner info number format
        provider temperature error errors description notes note metadata meta context contexts preview snippet
        excerpt explanation reason reasoning judgment judgement judge sentiment confidence domain quelle fuente fonte
        source sources bewertung valor puntuacion kategorie thema оценка тема категория источник 评分 分类 類別 分類
        カテゴリ 判定 根拠 类型 類型 種別 유형 依据 评价 점수 분류 피드백 attachment attachments attached""",
}
"""By hint; words of several parts are joined by ``_``."""
MODEL = re.compile(
    r"(?i)([\w.-]+[/.])*(gpt|chatgpt|o[1345]|claude|gemini|gemma|llama|mi[sx]tral|qwen|deepseek|command-|grok-|phi-?\d)[\w.:@-]*"
)
_BRACKETS = re.compile(r"[()\[\]]")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
"""A letter of a script that puts no space, or only a particle, between words."""


def plain_name(name: str) -> str:
    """As ``plain_headers`` spells it: ``Bot Reply``, ``botReply`` and ``BOT_REPLY`` are ``bot_reply``."""
    return next(iter(plain_headers([name])))


def plain_words(words: str) -> frozenset[str]:
    """Some words as plain_name spells them."""
    return frozenset(map(plain_name, words.split()))


def names_model(name: str) -> bool:
    """Whether somebody or a column is called as a model is: ``mistral:7b``, ``Claude 3.5 Sonnet``."""
    return MODEL.fullmatch(name.strip().replace(" ", "-")) is not None


def model_in(name: str) -> str:
    """``gpt-4o``, of ``gpt-4o response``."""
    *words, last = re.split(r"[\s_]+(?=[^\s_]+$)", name)
    return model_in(words[0]) if words and not {Hint.ANSWER, Hint.TEXT}.isdisjoint(hints_of(last)) else name


def _known() -> dict[str, frozenset[Hint]]:
    known: dict[str, set[Hint]] = {}
    for hint, words in _WORDS.items():
        for word in words.split():
            known.setdefault(plain_name(word), set()).add(hint)
    return {word: frozenset(hints) for word, hints in known.items()}


_KNOWN = _known()
CONFIRMED = plain_words("""accepted acceptable approved verified validated vetted certified agreed aprobada aprovada
    validada validado verificada verificado approuvee validee approvata geprufte gepruft freigegebene""")
_RIGHT = plain_words(_OF_RIGHT) | CONFIRMED
_PEOPLE = """agent agente atendente konsultant operator operatore support staff admin representative rep expert advisor
    counselor counsellor therapist doctor teacher tutor wizard responder sent outbound outgoing 客服 상담사 상담원"""
"""Words for who answers that people have as well."""
_CALLS = """prompt prompts instruction instructions input inputs output outputs completion completions response
    responses generated generation 响应 響應 输入 输出 輸入 輸出 入力 出力 입력 출력 생성문 eingabe ausgabe sortie
    salida saida uscita uitvoer вывод auto automated automatic automatica automatico automatisch automatische
    automatique"""
OF_MODELS = plain_words(f"{_WORDS[Hint.BOT]} {_CALLS}") - plain_words(_PEOPLE)
"""Words for what goes into a model and comes out."""
BOTS = plain_words(_WORDS[Hint.BOT]) - plain_words(f"{_PEOPLE} machine robot")
"""Words for what answers and isn't a person."""
OF_SOFTWARE = plain_words("""user users human me you benutzer nutzer utilisateur usuario utente utilizador gebruiker
    uzytkownik kullanici пользователь 用户 用戶 使用者 ユーザー ユーザ 사용자 유저""")
"""Words for who asks that programs have, and people among themselves don't."""
ASKERS = plain_words("sender requester remitente remetente mittente absender expediteur")
"""Who asks, as the name of a column of what they say."""
_LONGEST_FIRST = sorted((word for word in _KNOWN if _UNSPACED.search(word)), key=len, reverse=True)


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The known words of a name in their order; of an unknown one that is two known ones in a row, both."""
    found: list[str] = []
    plain = plain_name(_BRACKETS.sub(" ", name))
    parts = [part for part in plain.split("_") if part]
    while parts:
        long = next((many for many in (3, 2) if "_".join(parts[:many]) in _KNOWN and len(parts) >= many), 0)
        found += ["_".join(parts[:long])] if long else _words_in(parts[0])
        parts = parts[long or 1 :]
    return tuple(found)


_LONG = [word for word, hints in _KNOWN.items() if hints & {Hint.PROMPT, Hint.ANSWER} and word[4:]]
_ENDINGS = sorted(filter(str.isascii, _LONG), key=len, reverse=True)
"""Words for prompts and answers, which end longer ones: ``Testfrage``, ``rawoutput``."""


def _words_in(part: str) -> list[str]:
    bare = part.rstrip("0123456789")
    for word in (part, bare):
        if word in _KNOWN:
            return [word]
    if _UNSPACED.search(part):
        latin = [part for part in re.findall(r"[a-z0-9]+", part) if part in _KNOWN]
        places: list[tuple[int, str]] = []
        for word in _LONGEST_FIRST:
            if (at := part.find(word)) >= 0:
                places.append((at, word))
                part = part.replace(word, " " * len(word))
        return latin + [word for _, word in sorted(places)]
    for cut in range(2, len(bare) - 1):
        if bare[:cut] in _KNOWN and bare[cut:] in _KNOWN:
            return [bare[:cut], bare[cut:]]
    ending = next((word for word in _ENDINGS if bare.endswith(word) and len(bare) > len(word) + 1), None)
    return [bare.removesuffix(ending), ending] if ending else [part]


_SIDES = frozenset({Hint.USER, Hint.BOT})
_BY = frozenset({"by", "from", "por", "par", "von", "da", "door", "przez", "от"})


@lru_cache(maxsize=4096)
def hints_of(name: str) -> frozenset[Hint]:
    """What the words of a name say together."""
    words = words_of(name)
    found = frozenset(hint for word in words for hint in _KNOWN.get(word, ()))
    if found >= _SIDES and (by := next((at for at, word in enumerate(words) if word in _BY), None)):
        sides = (_SIDES & _KNOWN.get(word, frozenset()) for word in words[by:])
        found -= _SIDES - next(filter(None, sides), _SIDES)
    is_right = not _RIGHT.isdisjoint(words) and (not found.isdisjoint({Hint.ANSWER, Hint.TEXT}) or "solution" in words)
    return found | {Hint.EXPECTED} if is_right else found


@lru_cache(maxsize=4096)
def last_hint(name: str, hints: Iterable[Hint]) -> Hint | None:
    """The hint among ``hints`` that the last of the name's words gives: ``user_response`` is a response."""
    wanted = frozenset(hints)
    for word in reversed(words_of(name)):
        found = wanted & _KNOWN.get(word, frozenset())
        if found:
            return next(iter(found))
    return None


def names_chats(name: str) -> bool:
    """Whether a column is named for conversations; what a ticket holds may be a form."""
    return (Hint.SESSION in hints_of(name) or "transcript" in words_of(name)) and "ticket" not in words_of(name)


_MADE = frozenset({
    "predicted", "prediction", "predictions", "pred", "generated", "extracted", "predicha", "predicho", "predita",
    "predito", "predetta", "predetto", "predite", "predit", "vorhergesagt", "vorhergesagte", "预测", "予測", "예측",
})  # fmt: skip


def is_made(name: str) -> bool:
    """``predicted_label``: by a model and not the right one, though a label."""
    return not _MADE.isdisjoint(words_of(name))


def is_generated(name: str) -> bool:
    """``generated_query``: what a model made of the prompt, even where that is a query by its last word."""
    is_made = words_of(name)[:1] in (("generated",), ("predicted",))
    return is_made and last_hint(name, (Hint.PROMPT, Hint.ANSWER)) is Hint.PROMPT
