"""The words that people make easy passwords of, in Dutch and in English.

With what is put around them (`reflect.school.password_rules`) they stand for far more than the ten
thousand most used passwords, and nothing has to be loaded, updated or trusted.
"""

# What is asked of people, and what they answer when they are in a hurry.
_PASSWORDS = """
wachtwoord wachtwoorden paswoord password passwords passwort passcode passphrase pass pwd pw wacht
woord geheim geheimen geheimpje secret secrets toegang access inlog inloggen login logon signin
welkom welcome welkomterug hallo hoi hello hey heyhey doei dag admin administrator beheerder beheer
root user gebruiker guest gast test tester testen testing temp tijdelijk default changeme
veranderme verander change nieuw new oud old letmein letme openup sesame sesam master computer
laptop internet google wifi default system systeem server qwerty azerty qwertz trustno asdf
correcthorsebatterystaple whatever niets niks nothing something iets vergeten forgotten forgot
onthouden remember sleutel key code pincode pin magister somtoday itslearning zermelo office
microsoft windows apple android samsung iphone teams reflect
"""
_SCHOOL = """
school schooltje scholen college lyceum gymnasium atheneum mavo havo vwo vmbo klas class brugklas
brugpieper leerling leerlingen student students docent docenten leraar lerares teacher juf meester
mentor mentoren directeur rector conrector rooster lokaal toets toetsen examen examens exam
huiswerk homework vakantie holiday holidays weekend pauze wiskunde rekenen maths math mathematics
nederlands engels frans duits biologie natuurkunde scheikunde aardrijkskunde geschiedenis economie
gym gymnastiek tekenen muziek music informatica onderwijs education cijfer cijfers diploma geslaagd
"""
_TIMES = """
lente voorjaar zomer herfst najaar winter spring summer autumn fall januari februari maart april
mei juni juli augustus september oktober november december january february march may june july
august october maandag dinsdag woensdag donderdag vrijdag zaterdag zondag monday tuesday wednesday
thursday friday saturday sunday vandaag morgen gisteren today tomorrow yesterday ochtend avond
nacht kerst kerstmis christmas pasen easter sinterklaas carnaval koningsdag koninginnedag nieuwjaar
newyear jaar year maand month week verjaardag birthday
"""
_LOVED = """
liefde love lover loveyou lovely iloveyou loveme houvanjou hartje hart heart schat schatje lieverd
liefje liefste lief baby babe sweetheart darling honey kus kusje kusjes kiss kisses mama mamma papa
pappa moeder vader mother father mommy daddy oma opa zus zusje broer broertje sister brother
familie family vriend vriendin vrienden friend friends bestfriend bff forever always together samen
gelukkig happy happiness blij vreugde vrede peace vrijheid freedom geluk lucky sunshine zonnetje
zonneschijn zon sun maan moon ster sterren star stars hemel heaven engel angel angels prinses
princess prins prince koning king koningin queen bloem bloemen bloempje flower flowers roos rozen
rose vlinder vlinders butterfly regenboog rainbow droom dromen dream dreams glimlach smile lachen
leven life music dansen dance dancer dancing zingen
"""
_ANIMALS = """
hond hondje honden dog dogs doggy puppy puppies kat katten kat poes poesje poezen cat cats kitten
kitty paard paarden paardje horse horses pony konijn konijntje konijnen rabbit bunny hamster cavia
muis mouse olifant elephant leeuw lion tijger tiger tigers beer bear panda aap aapje monkey monkeys
dolfijn dolphin vis vissen fish vogel bird papegaai eend kip koe cow varken pig schaap sheep draak
dragon dragons eenhoorn unicorn wolf wolves vos fox adelaar eagle eagles spin slang snake
"""
_GAMES = """
voetbal voetballen voetballer football soccer hockey hockeyen tennis turnen zwemmen swimming
basketbal basketball baseball volleybal handbal korfbal judo karate boksen boxing schaatsen
wielrennen fietsen fiets paardrijden atletiek gamen gamer gaming game games minecraft fortnite
roblox pokemon pikachu mario luigi zelda sonic naruto goku dragonball anime manga starwars
skywalker yoda vader harrypotter hogwarts hermione batman superman spiderman ironman avengers
marvel joker ninja samurai pirate piraat zombie hunter killer shadow matrix phoenix ranger cowboy
soldier warrior wizard magic mystery barbie frozen elsa snoopy garfield donald duck mickey minnie
disney spongebob winnie pooh tigger messi ronaldo neymar mbappe cruijff cruyff verstappen max ajax
ajacied ajacieden feyenoord psv eindhoven twente utrecht groningen heerenveen vitesse sparta oranje
barcelona realmadrid liverpool arsenal chelsea manchester united juventus bayern youtube tiktok
snapchat instagram facebook netflix spotify whatsapp twitter discord twitch
"""
_THINGS = """
auto car cars ferrari porsche bmw mercedes audi mustang corvette harley yamaha honda motor fiets
huis house home tuin garden deur venster boom tree strand beach zee sea ocean water vuur fire ijs
ice sneeuw snow regen rain storm thunder bliksem lightning berg mountain rivier river kaas cheese
chocolade chocolate chocola koffie coffee thee appel apples banaan banana aardbei strawberry kersen
cherry cherries oranje orange citroen lemon peer druif pizza pasta friet frietjes patat hamburger
pannenkoek pannenkoeken taart cake koek koekje cookie cookies snoep snoepje candy sugar suiker drop
stroopwafel hagelslag kroket bitterbal bier beer wijn wine cola pepsi pepper ginger rood red blauw
blue groen green geel yellow paars purple roze pink wit white zwart black grijs zilver silver goud
gold golden diamant diamond crystal kristal geld money rijk cash dollar euro tulp tulpen molen
klompen windmolen
"""
_PLACES = """
nederland holland amsterdam rotterdam denhaag thehague utrecht eindhoven tilburg groningen almere
breda nijmegen arnhem apeldoorn haarlem enschede amersfoort zaandam haarlemmermeer denbosch zwolle
zoetermeer leeuwarden maastricht dordrecht leiden delft alkmaar venlo deventer hilversum assen
friesland drenthe overijssel gelderland flevoland zeeland brabant limburg belgie belgium brussel
antwerpen gent duitsland germany berlin frankrijk france paris parijs spanje spain madrid italie
italy rome london londen england engeland america amerika newyork canada turkije turkey istanbul
marokko maroc morocco suriname curacao aruba indonesie polen poland syrie australia europa europe
"""
_NAMES = """
jan piet klaas kees henk willem johan peter paul mark thomas tim tom daan sem lucas luuk levi finn
bram jesse milan lars noah james liam luca mees sam max ruben thijs julian stijn sander jeroen bas
niels rick robin kevin dennis mike michael jordan daniel david robert charlie george andrew joshua
matthew anthony william alexander mohamed mohammed ahmed ali omar youssef mehmet emma julia mila
tess sophie zoe sara sarah anna eva lotte fleur lisa lieke isa nora noor saar evi fenna roos femke
anouk sanne iris kim linda maria marieke johanna anne marjan petra monique jessica ashley jennifer
nicole michelle samantha amanda melissa hannah charlotte olivia emily chloe fatima aisha yasmine
zeynep jasmine thuis
"""
_SLANG = """
lol haha hahaha xoxo yolo swag cool koel vet vetcool chill relax lekker leuk mooi knap stoer super
superster superheld top toppie topper kanjer held hero geweldig awesome fantastic perfect great
best beste nummer number numero een one twee two drie three vier four vijf five zes six zeven seven
acht eight negen nine tien ten sexy hottie fuck fuckyou fuckoff shit kut klootzak bitch asshole
idioot stupid dom bananen poep sukkel loser winner kampioen champion champions goal score boss baas
gangster player rockstar rock metal punk jazz hiphop party feest feestje biertje
"""
COMMON_WORDS = frozenset(
    " ".join(
        (_PASSWORDS, _SCHOOL, _TIMES, _LOVED, _ANIMALS, _GAMES, _THINGS, _PLACES, _NAMES, _SLANG)
    ).split()
)
# They turn a word into a phrase, and hardly make it harder to guess.
_FILLERS = """
mijn my mij me jouw your jou you je jij ik ben am is het the de een this dit dat that van of met
with en and voor for aan to in op on wij we ons us onze our hou love vind like wil want niet not
geen no ja yes ok oke heel veel very echt really
"""
FILLER_WORDS = frozenset(_FILLERS.split())
# Signs that lie beside or below each other; each counts in both directions.
KEYBOARD_ROWS = (
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "azertyuiop",
    "qsdfghjklm",
    "qwertzuiop",
    "abcdefghijklmnopqrstuvwxyz",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaqxswcdevfrbgtnhymjukilop",
    "!@#$%^&*()_+",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1a2s3d4f5g6h7j8k9l",
    "1a2b3c4d5e6f7g8h9i",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
