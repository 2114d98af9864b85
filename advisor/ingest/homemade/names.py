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


_WORDS: dict[Hint, str] = {
    Hint.PROMPT: """q prompt prompts question questions query queries ask asked request requests input inputs
        inquiry instruction instructions problem frage fragen anfrage eingabe nutzereingabe demande requete
        entree pregunta consulta entrada peticion domanda richiesta pergunta solicitacao pedido vraag verzoek
        pytanie zapytanie dotaz otazka fraga spørgsmål sporsmal spørsmål kysymys kerdes intrebare soru vopros
        pitanje upit kausimas jautajums kusimus pertanyaan soalan tanong cauhoi cau_hoi вопрос запрос запит
        питання запитання въпрос питање ερωτηση ερωτημα שאלה سؤال السؤال استفسار پرسش سوال प्रश्न सवाल প্রশ্ন
        கேள்வி คำถาม 質問 質疑 問い合わせ 入力 プロンプト 問 질문 문의 입력 프롬프트 问题 問題 提问 提問 输入
        輸入 提示词 提示詞 询问 查询 问 girdi masuk входной входные входных ввод wejscie wejsciowe wejsciowy vao
        вопроса pytania الإدخال इनपुट""",
    Hint.ANSWER: """answer answers answered response responses resp reply replies replied completion completions
        output outputs generated generation responder result chosen preferred antwort antworten ausgabe reponse
        reponses sortie respuesta respuestas salida risposta risposte resposta respostas saida antwoord
        odpowiedz odpoved svar vastaus valasz raspuns cevap yanit otvet odgovor atsakymas atbilde vastus jawaban
        balasan jawapan sagot traloi tra_loi cau_tra phan_hoi ответ відповідь отговор одговор απαντηση תשובה
        جواب الجواب إجابة اجابة الإجابة رد الرد پاسخ उत्तर जवाब উত্তর பதில் คำตอบ 回答 応答 返信 返答 出力 答え
        답변 응답 출력 대답 答案 答复 答覆 回复 回復 回覆 输出 輸出 答 cikti keluar keluaran выходные выходных
        вывод wyjscie wyjsciowe uit uitvoer ra ответа ответы ответов odpowiedzi yanitlar الإخراج आउटपुट""",
    Hint.USER: """user users human humans customer customers client clients counselee visitor caller patient
        student asker guest member prompter questioner consumer shopper you me seeker inbound incoming received
        benutzer nutzer kunde utilisateur usager usuario usuaria cliente paciente utente utilizador gebruiker
        klant uzytkownik klient uzivatel zakaznik bruger bruker kund anvandare kayttaja felhasznalo utilizator
        kullanici musteri pengguna pelanggan nguoi_dung khach пользователь клиент користувач потребител корисник
        χρηστης משתמש المستخدم مستخدم العميل کاربر उपयोगकर्ता ผู้ใช้ ลูกค้า 用户 用戶 顾客 客户 使用者 ユーザー
        ユーザ 利用者 お客様 顧客 사용자 고객 이용자 유저""",
    Hint.BOT: """bot assistant ai ia chatbot gpt gpt4 gpt3 gpt35 chatgpt openai llm model agent copilot claude
        gemini llama machine robot counselor counsellor support operator advisor therapist doctor admin staff
        representative rep expert wizard outbound outgoing sent responder teacher tutor assistent assistenz ki
        asistente agente assistente atendente asystent konsultant asistent asistan tro_ly ассистент бот ии
        модель асистент помощник помічник βοηθος עוזר المساعد مساعد دستیار सहायक ผู้ช่วย 助手 助理 机器人 機器人
        客服 模型 アシスタント ボット 봇 챗봇 어시스턴트 상담사 상담원""",
    Hint.TEXT: """message messages msg msgs text texts txt content contents utterance body comment sentence
        statement said says transcript paragraph post posts nachricht inhalt texte contenu mensaje mensajes
        texto contenido mensagem mensagens conteudo messaggio testo contenuto bericht tekst inhoud wiadomosc
        tresc zprava meddelande besked viesti uzenet mesaj metin icerik poruka pesan teks isi tin_nhan noi_dung
        сообщение текст повідомлення съобщение порука μηνυμα κειμενο הודעה رسالة الرسالة نص النص پیام متن संदेश
        ข้อความ 内容 內容 消息 讯息 訊息 文本 メッセージ 本文 発言 発話 내용 메시지 발화 본문""",
    Hint.SPEAKER: """role roles speaker author from sender who source type kind direction side party participant
        persona actor origin rolle sprecher absender rol remitente autor papel remetente ruolo mittente afzender
        nadawca tipo quem typ gonderen роль отправитель автор тип відправник 角色 发送者 发言人 話者 役割 発言者
        送信者 역할 발신자 화자""",
    Hint.EXPECTED: """expected expectation reference references gold golden truth ideal correct target label
        labels annotation rejected erwartet erwartete erwarteter attendu attendue esperado esperada esperada
        atteso verwacht oczekiwana эталон ожидаемый 正解 期待 标准 參考 参考 예상 정답""",
    Hint.MODEL: """model models engine llm deployment generator modell modele modelo modello модель 模型 モデル
        모델""",
    Hint.SESSION: """session sessions conversation conversations convo conv thread threads chat chats dialog
        dialogue dialogs ticket tree gesprach sitzung unterhaltung chatverlauf conversacion sesion dialogo
        conversa sessao conversazione sessione gesprek sessie rozmowa sesja konversation samtal sohbet oturum
        percakapan sesi диалог сессия чат беседа розмова сесія 会话 對話 对话 会話 セッション 스레드 대화 세션
        채팅 сессии диалога чата sesji rozmowy phien الجلسة جلسة المحادثة محادثة सत्र сесії konuşma gespraechs""",
    Hint.PARENT: """parent reply_to in_reply_to in_response_to previous""",
    Hint.ORDER: """turn turns index idx seq sequence order position step number no nr orden ordem reihenfolge
        ordre 序号 順番 순서""",
    Hint.TOKENS: """token tokens toks tok jetons токены токенов 令牌 トークン 토큰 tokeny токена رموز الرموز
        टोकन tokenow""",
    Hint.ALL: """total totals sum all cached cache reasoning max maximum limit gesamt estimated estimados
        estimado budget remaining""",
    Hint.SYSTEM: """system preamble""",
    Hint.TIME: """time times timestamp date datetime day ts at on when created zeit datum zeitpunkt zeitstempel
        uhrzeit heure horodatage fecha hora tiempo momento data ora quando tijd tarih zaman waktu tanggal czas
        cas tid dato aika datetime ngay thoi_gian время дата час создано створений χρονος תאריך التاريخ تاريخ
        वक्त 时间 時間 日期 日時 日付 创建 시간 날짜 일시 tempo temps""",
    Hint.BEGIN: """created start started begin request requested asked ask sent received logged""",
    Hint.LATER: """updated modified edited deleted ended end finished finish completed expires answered answer
        response responded resolved closed due""",
    Hint.DURATION: """latency duration elapsed took runtime delay dauer antwortzeit laufzeit latenz duree
        latence duracion latencia demora duracao durata latenza duur looptijd sure gecikme processing execution
        inference roundtrip задержка длительность 耗时 延迟 延遲 处理时间 実行時間 応答時間 所要時間 処理時間
        소요 지연 처리시간 실행시간 응답시간 처리_시간 실행_시간 응답_시간 소요_시간 响应时间 用时 suresi secs
        seconds millis المدة مدة अवधि durasi thoi_luong dlugosc длительности ランタイム""",
    Hint.ID: """id ids uid uuid guid key hash kennung identifiant identificador ident""",
    Hint.ABOUT: """count num len length chars words size cost price score scores rating ratings rated rate rank
        grade thumbs feedback lang language locale status state flag is has ok valid url uri link path page file
        files image photo media embedding vector version name names title titel titulo titre category categories
        categoria categorie topic tag tags intent channel platform device ip email mail phone country winner
        number format provider temperature error errors description notes note metadata meta context contexts
        explanation reason reasoning sentiment confidence domain quelle fuente fonte source sources bewertung
        valor puntuacion kategorie thema оценка тема категория источник 评分 分类 類別 分類 カテゴリ 判定 根拠
        依据 评价 점수 분류 피드백""",
}
"""By hint; words of several parts are joined by ``_``."""
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
"""A letter of a script that puts no space, or only a particle, between words."""


def plain_name(name: str) -> str:
    """As ``plain_headers`` spells it: ``Bot Reply``, ``botReply`` and ``BOT_REPLY`` are ``bot_reply``."""
    return next(iter(plain_headers([name])))


def _known() -> dict[str, frozenset[Hint]]:
    known: dict[str, set[Hint]] = {}
    for hint, words in _WORDS.items():
        for word in words.split():
            known.setdefault(plain_name(word), set()).add(hint)
    return {word: frozenset(hints) for word, hints in known.items()}


_KNOWN = _known()
_PEOPLE = """agent agente atendente konsultant operator support staff admin representative rep expert advisor counselor
    counsellor therapist doctor teacher tutor wizard responder sent outbound outgoing 客服 상담사 상담원"""
"""Words for who answers that people have as well."""
_CALLS = """prompt prompts instruction instructions input inputs output outputs completion completions response
    responses generated generation"""
OF_MODELS = frozenset(map(plain_name, f"{_WORDS[Hint.BOT]} {_CALLS}".split())) - set(map(plain_name, _PEOPLE.split()))
"""Words for what goes into a model and comes out."""
_LONGEST_FIRST = sorted((word for word in _KNOWN if _UNSPACED.search(word)), key=len, reverse=True)


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The known words of a name in their order; of an unknown one that is two known ones in a row, both."""
    found: list[str] = []
    plain = plain_name(name)
    parts = [part for part in plain.split("_") if part]
    while parts:
        long = next((many for many in (3, 2) if "_".join(parts[:many]) in _KNOWN and len(parts) >= many), 0)
        found += ["_".join(parts[:long])] if long else _words_in(parts[0])
        parts = parts[long or 1 :]
    return tuple(found)


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
    return [part]


@lru_cache(maxsize=4096)
def hints_of(name: str) -> frozenset[Hint]:
    """What the words of a name say together."""
    return frozenset(hint for word in words_of(name) for hint in _KNOWN.get(word, ()))


@lru_cache(maxsize=4096)
def last_hint(name: str, hints: Iterable[Hint]) -> Hint | None:
    """The hint among ``hints`` that the last of the name's words gives: ``user_response`` is a response."""
    wanted = frozenset(hints)
    for word in reversed(words_of(name)):
        found = wanted & _KNOWN.get(word, frozenset())
        if found:
            return next(iter(found))
    return None


def is_generated(name: str) -> bool:
    """``generated_query``: what a model made of the prompt, even where that is a query by its last word."""
    is_made = words_of(name)[:1] in (("generated",), ("predicted",))
    return is_made and last_hint(name, (Hint.PROMPT, Hint.ANSWER)) is Hint.PROMPT
