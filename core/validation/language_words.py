"""The commonest words of languages that share a script, to tell them apart in short texts.

Function words, greetings, yes, no and thanks, and some everyday requests: what a short message to an assistant is made of. A
word may stand in several lists; it then speaks for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LISTS: Final[Mapping[str, str]] = {
    "English": """
a an the and or but if i you he she it we they me him her us them my your his our their this that these those is are was
were be been am do does did have has had will would can could should may might must not no yes of in on at to for from
with by about as what where when who which how why there here please thanks thank hello hi hey okay ok sorry need want
like get help just some any all so than then also now today tomorrow up out into after before make made know think would
let go going new good okay sure i'd i'm i've i'll it's don't can't what's that's didn't isn't doesn't wasn't won't
couldn't wouldn't there's let's you're we're they're he's she's who's where's how's yeah yep nope
""",
    "German": """
der die das den dem des ein eine einen einem einer eines und oder aber wenn ich du er sie es wir ihr mich dich ihn uns
euch mir dir ihm ihnen mein meine meinen meinem meiner dein deine sein seine unser unsere ihre ihren ist sind war waren
bin bist habe hast hat haben hatte werde wird werden wurde kann kannst können könnte könnten könnten muss müssen soll
sollte möchte will darf nicht nein ja kein keine keinen von im in auf an zu zum zur für aus mit bei über als nach was wo
wann wer welche welcher wie warum bitte danke hallo guten morgen gut brauche hilfe gerne nur auch noch schon jetzt heute
dann dass diese dieser dieses mal etwas alles wieder doch geht gibt zeig mach schick bitte genau
""",
    "French": """
le la les un une des du de et ou mais si je tu il elle on nous vous ils elles me te se moi toi lui leur leurs mon ma mes
ton ta tes son sa ses notre votre vos ce cet cette ces est sont était suis es sommes êtes être ai as a avons avez ont
avoir avait peux peut pouvez pouvoir pourriez pourrais veux voudrais voulais dois faut ne pas non oui plus dans en sur à
au aux pour par avec sans que qui quoi où quand comment pourquoi quel quelle quels merci bonjour bonsoir salut s'il
plaît besoin aide aussi alors très bien tout aujourd'hui maintenant demain c'est j'ai je j'aimerais d'accord l'ai n'ai
qu'est y fait faire
""",
    "Spanish": """
el la los las un una unos unas de del y o pero si yo tú él ella usted nosotros ellos me te se mi mis tu tus su sus
nuestro este esta estos estas ese esa eso es son era soy eres está están estoy ser estar he has ha hemos han haber hay
tengo tiene tener puedo puede puedes podría podrías quiero quisiera necesito debo no sí en a al para por con sin que qué
quién dónde cuándo cómo cuál porque gracias hola buenos buenas días favor ayuda también entonces muy bien todo hoy ahora
mañana ya más lo le les nada algo quiere hice hacer
""",
    "Italian": """
il lo la i gli le un uno una di del della dei delle dello e o ma se io tu lui lei noi voi loro mi ti si ci vi mio mia
miei mie tuo tua suo sua nostro questo questa questi quello quella è sono era sei siamo essere ho hai ha abbiamo hanno
avere c'è posso può puoi potrei potresti voglio vorrei devo non sì no in nel nella su sul a al alla per con senza che
chi cosa dove quando come quale perché grazie ciao buongiorno salve favore aiuto bisogno anche allora molto bene tutto
oggi adesso domani più da dal dalla ne fare
""",
    "Portuguese": """
o a os as um uma uns umas de do da dos das e ou mas se eu tu ele ela você nós eles me te meu minha meus minhas teu seu
sua nosso este esta esse essa isto isso é são era sou és está estão estou ser estar tenho tem ter há posso pode podes
poderia quero queria gostaria preciso devo não sim em no na nos nas ao à para por pelo pela com sem que quem onde quando
como qual porque obrigado obrigada olá oi bom dia favor ajuda também então muito bem tudo hoje agora amanhã mais lhe
nada algo fazer
""",
    "Dutch": """
de het een en of maar als ik jij je u hij zij ze wij we jullie mij me hem haar ons mijn jouw uw zijn onze deze dit die
dat is ben bent was waren heb hebt heeft hebben had word wordt kan kunt kunnen zou zal moet wil wilt mag niet geen nee
ja van in op aan te tot voor uit met bij over naar om wat waar wanneer wie welke hoe waarom alsjeblieft alstublieft dank
bedankt dankjewel hallo hoi goed nodig hulp graag ook nog nu vandaag dan er even iets alles weer toch al maar doe gaat
""",
    "Swedish": """
en ett den det de och eller men om jag du han hon vi ni dem mig dig honom henne oss er min mitt mina din ditt dina sin
sitt vår är var vara har hade ha blir bli kan kunde ska skulle måste vill får inte nej ja ingen av i på till för från
med utan som vad var när vem vilken hur varför tack hej god behöver hjälp gärna också då nu idag här där snälla något
allt bara
""",
    "Danish": """
en et den det de og eller men hvis jeg du han hun vi dem mig dig ham hende os min mit mine din dit sin vores er var være
har havde have bliver kan kunne skal skulle må vil ikke nej ja ingen af i på til for fra med uden som hvad hvor hvornår
hvem hvilken hvordan hvorfor tak hej god brug hjælp gerne også nu dag her der noget alt venligst
""",
    "Norwegian": """
en et ei den det de og eller men hvis jeg du han hun vi dere dem meg deg ham henne oss min mitt mine din ditt sin vår er
var være har hadde ha blir kan kunne skal skulle må vil ikke nei ja ingen av i på til for fra med uten som hva hvor når
hvem hvilken hvordan hvorfor takk hei god trenger hjelp gjerne også nå dag her der noe alt bare
""",
    "Polish": """
i a o w we z ze na do od po za dla przez przy się nie tak to ten ta te tego tej tym czy ale lub jeśli ja ty on ona my wy
oni mnie mi cię go jej nam mój moja moje mojego mojej moim mam masz ma mamy jest są był była być jestem mogę może możesz
chcę chciałbym chciałabym muszę proszę potrzebuję co gdzie kiedy kto jaki jaka jakie jak dlaczego dziękuję dzięki cześć
dzień dobry pomoc pomóc też już teraz dziś jutro bardzo wszystko coś
""",
    "Czech": """
a i o v ve z ze na do od po za pro při s se si ne ano to ten ta ty toho této tím ale nebo jestli já ty on ona my vy oni
mě mi tě ho jí nám můj moje mého mé mám máš má máme je jsou byl byla být jsem můžu mohu může můžete chci chtěl chtěla
musím prosím potřebuji co kde kdy kdo jaký jaká jaké jak proč děkuji díky ahoj dobrý den pomoc také už teď dnes zítra
velmi všechno něco
""",
    "Turkish": """
ve veya ama bir bu şu o ben sen biz siz onlar bana sana ona bize benim senin onun bizim mi mı mu mü için ile gibi kadar
de da ne nerede nasıl neden kim hangi var yok değil evet hayır istiyorum istiyor lütfen teşekkürler teşekkür merhaba
selam günaydın tamam yardım bugün yarın şimdi çok daha her şey ihtiyacım olarak olan oldu misiniz mısınız edin ederim
""",
    "Romanian": """
un o de la și sau dar dacă eu tu el ea noi voi ei mă te se îmi îți mea meu mei mele tău lui este sunt era ești fi am ai
are avem au pot poate puteți vreau doresc trebuie nu da în pe din cu fără că ce unde când cine care cum mulțumesc bună
ziua salut rog ajutor nevoie și mai foarte bine tot azi acum mâine
""",
    "Hungarian": """
a az egy és vagy de ha én te ő mi ti ők engem nekem neked van vannak volt lesz vagyok nem igen hogy mit mi hol mikor ki
melyik hogyan miért kérem kérek köszönöm szia helló jó napot segítség szeretnék szeretném kell tudom tudna meg most ma
holnap nagyon minden ezt azt is csak
""",
    "Finnish": """
ja tai mutta jos minä sinä hän me te he minun sinun se tämä tuo on ovat oli olen olet olla ei en et kyllä joo mitä missä
milloin kuka mikä miten miksi kiitos hei moi hyvää päivää tarvitsen haluan haluaisin voin voiko voisitko apua myös nyt
tänään huomenna hyvin kaikki kun että
""",
    "Indonesian": """
dan atau tapi jika saya aku kamu anda dia kami kita mereka ini itu adalah ada tidak bukan ya iya di ke dari untuk dengan
yang apa dimana kapan siapa bagaimana mengapa tolong terima kasih halo hai selamat pagi bisa mau ingin perlu butuh
bantuan juga sudah sekarang hari besok semua bisakah
""",
    "Vietnamese": """
tôi bạn anh chị em là và hoặc nhưng nếu của cho với trong ngoài không có được này kia đó gì đâu khi ai nào như thế sao
vì xin vui lòng cảm ơn chào vâng dạ muốn cần giúp đỡ cũng đã đang sẽ bây giờ hôm nay ngày mai một các những mình
""",
    "Russian": """
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще нет о
из ему теперь когда даже ну ли если уже или ни быть был него до вас нибудь мой моя мою мое мои моего моей моем это эта
этот эту есть могу можно можете хочу хотел хотела хотелось нужно надо нужна нужен пожалуйста спасибо привет здравствуйте
добрый день где кто какой какая какие почему сегодня завтра сейчас очень помощь помогите
""",
    "Ukrainian": """
і й та в у не що він на я з із зі як а то все вона так його але ти до ж ви за би по тільки мені було від мене ще ні є
про коли навіть якщо вже або бути був мій моя мою моє мої мого моєї це ця цей можу можна можете хочу хотів хотіла
потрібно треба потрібна будь ласка дякую привіт вітаю добрий день де хто який яка які чому сьогодні завтра зараз дуже
допомога допоможіть
""",
    "Bulgarian": """
и в във не че той на аз с със как а то все тя така но ти към вие за би по само мен беше от още да или съм си е са този
тази това моят моята моя мога може можете искам трябва моля благодаря здравей здравейте добър ден къде кой коя какво
защо днес утре сега много помощ ли ми се го
""",
}

WORDS: Final[Mapping[str, frozenset[str]]] = {language: frozenset(words.split()) for language, words in _LISTS.items()}
"""By the language's English name, lower case."""

ACCENTED: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(letters)
    for language, letters in {
        "English": "",
        "German": "äöüß",
        "French": "àâæçéèêëîïôœùûüÿ",
        "Spanish": "áéíñóúü",
        "Italian": "àèéìíîòóùú",
        "Portuguese": "àáâãçéêíóôõúü",
        "Dutch": "áéëèêïíóöúü",
        "Swedish": "åäöé",
        "Danish": "æøåé",
        "Norwegian": "æøåéòôê",
        "Polish": "ąćęłńóśźż",
        "Czech": "áčďéěíňóřšťúůýž",
        "Turkish": "çğıöşüâîû",
        "Romanian": "ăâîșşțţ",
        "Hungarian": "áéíóöőúüű",
        "Finnish": "äöå",
        "Indonesian": "é",
    }.items()
}
"""Letters beyond a to z that a language writes in lower case; a language that is missing here may write any."""
