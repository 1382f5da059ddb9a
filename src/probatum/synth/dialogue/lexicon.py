"""Words that a recogniser knows, by how common they are in speech; those of the simulated world come on top.

The tiers are a rough order of frequency: Zipf's law fills in the rest (`frequency`).
"""

from __future__ import annotations

from functools import cache

_tiers = (
    # Words of grammar, and those that everybody says every day.
    """the to and a i you it of in that is for on my me what we be have do can this with are not your at so but no if or there one all
    was like just know get up out go now how as time they from he about good right want think he she would then here an by see her his
    some our when them him who were will more had back did into off over well come going yes why where could been make has really
    down let than two play turn don't it's i'm that's what's can't please too very take yeah much again us thing because any day only way
    say look need other new their last first long put little show tell give three still never before always next set stop open call close
    start light lights door room house home music song on off""",
    # Words of every day.
    """after am another around ask away bad bed best better big book bring call car change check child children city clean coffee cold
    coming cook cool cup cut dad dark dinner does doing dog done drink drive each early eat eight else end enough even ever every eye
    eyes face fall family fan far fast father feel few find fine five fix food four free friend friends front full fun game garden girl
    glad got great green hand hang happy hard head hear heard heart heat help high hit hold hot hour hours hundred i'll i've idea ill
    inside keep kind kitchen known lamp large late later learn leave left less life line list listen live living lot love low made man
    many maybe mean meet men milk mind minute minutes mom money month morning most mother mouth move movie mr must name near news nice
    night nine nothing number of often oh okay old once open own paper park part party past people phone pick piece place plan point
    pretty put quick quiet rain read ready red rest ride run sad said same sat saw school seat second send seven shop shopping short should
    shut side sing sister sit six sleep slow small snow soft someone something son soon sorry sound south stay step story street such sun
    sure table talk ten thank thanks these things thirty thought those thousand through till today together told tomorrow tonight took top
    town travel tree try turn tv twelve twenty under until upon use used voice wait walk wall warm was watch water week weekend welcome
    went west wet white whole wife wind window wish without woman word words work world wrong year years yellow yesterday young
    forty fifty sixty seventy eighty ninety eleven fifteen half zero percent degrees degree temperature weather brightness volume louder
    quieter bedroom bathroom office garage hallway nursery attic basement study speaker heater blinds curtain curtains plug switch lock
    ceiling bright dim dimmer cooler warmer timer alarm reminder remind cancel pause resume skip track album artist radio station channel
    shuffle repeat""",
    # Words that are heard now and then, many of them near to others in sound.
    """able above act add adding age ago ahead aid aim air aisle alike alive alone along aloud already also although among angle angry
    animal ant apart apple april arm army art ash aunt autumn awake awful baby bacon bad bag bake ball band bang bank bar bare barn base
    basket bat bath bay beach bead beam bean bear beard beat beef beer began begin behind bell belong below belt bend bent berry beside
    bet bike bill bind bird birth bit bite black blame blanket bleed blend bless blew blind blink block blood bloom blow blue board boat
    body boil bold bone boot border born boss both bottle bottom bought bow bowl box boy brain branch brave bread break breath breeze
    brick bride bridge brief brother brought brown brush bubble bucket buddy build bulb bull bump bun burn bus bush butter button buy
    cab cabin cable cage cake calm came camera camp candle candy cap cape card care careful carpet carry cart case cash cast castle cat
    catch cattle caught cause cave cell cent center chain chair chalk chance charge chase cheap cheek cheer cheese cherry chest chew
    chicken chief chill chin choose christmas church circle claim clap class clay clear clever climb clock cloth cloud clown club coach
    coal coast coat code coin cola cold collar color colour comb comfort common company contain cookie copper copy corn corner cost
    cotton cough count country couple course court cousin cover cow crack cradle crash crawl crazy cream creek crew crime crop cross
    crowd crown cruel cry cube curl curve cycle dad daily dairy daisy damp dance danger dare date daughter dawn dead deaf deal dear
    decide deck deep deer delay den desk did die diet dig dime dirt dish dive doctor doll dollar donkey dot double doubt dove dozen
    dragon dragons drain draw dream dress drew drip drop drove drum dry duck due dull dump dust duty ear earn earth east easy edge egg
    elbow empty engine enjoy enter entry equal error escape evening event exact exit extra fact fade fail fair fairy faith fame famous
    fancy farm farmer fashion fat fault fear feast feather fed fee feed feet fell felt fence fever field fifth fight fill film final
    finger finish fire firm fish fist fit flag flame flash flat flavor flesh flew flight float flock flood floor flour flow flower fly
    foam fog fold folk follow fool foot force forest forget forgive fork form fort forth found fountain fox frame fresh fridge fried frog
    frost fruit fuel fund funny fur gain gallon gap garbage garlic gas gate gather gave gear gentle ghost giant gift give glass glide
    globe glory glove glow glue goal goat gold gone goose grab grace grade grain grand grandma grandpa grape grass grave gray grease
    greet grew grill grin grip ground group grow guard guess guest guide guitar gum gun guy habit hail hair hall ham hammer harbor
    harm harvest hat hate hay heal health heap heaven heavy heel height hello herd hero hide hill hint hip hire hollow holy honest honey
    hood hook hop hope horn horse hose host hotel huge hum human hunt hurry hurt ice icy inch indeed ink iron island item jacket jail jam
    january jar jaw jazz jeans jelly jet job join joke joy judge juice july jump june jungle junior junk jury keen kettle key kick kid
    kill king kiss kite knee knew knife knock knot lace lad ladder lady lake lamb land lane lap laugh launch law lawn lay layer lazy lead
    leaf league lean leap leather led leg lemon lend lens lesson letter level lid lie lift limb lime limit link lion lip liquid lit
    liver load loaf loan local log lone loose lord lose loss lost loud luck lucky lump lunch lung mad magic maid mail main major maker
    male mall map maple march mark market marry mask mass master mat match mate matter may mayor meadow meal meat medal member mend
    mention menu mercy merry mess metal mice middle might mile mill mine mint mirror miss mist mix model mole monday monkey mood moon
    moonlight motor mount mountain mouse mow mud mug muscle museum nail narrow nasty nation native nature navy neat neck needle nerve
    nest net nickel niece nobody nod noise none noon nor north nose note notice nurse nut oak oar oat ocean odd offer oil olive onion
    orange order organ ounce oven owe owl owner ox pace pack page paid pail pain paint pair palace pale palm pan pancake panel pants parcel
    pardon parent pass paste pat patch path pause paw pay pea peace peach peak pear pearl peel peep pen pencil penny pepper pet photo piano
    pie pig pile pill pillow pilot pin pine pink pint pipe pitch pizza plain plane plant plate plenty plot plow plum plus pocket poem poet
    pole police polish pond pony pool poor pop porch pork port pose post pot potato pour powder power praise pray present press price pride
    print prison prize proof proud prove pull pump punch pupil pure purple purse push queen question quit quite rabbit race rack rag rail
    rainbow raise ran ranch range rank rare rat rate raw ray reach real rear reason record reel relax rent repair reply rescue return
    rice rich rid ring ripe rise rising risk river road roar roast rob robin rock rocket rode roll roof root rope rose rough round route
    row royal rub rude rug ruin rule rush rust sack saddle safe sail salad sale salt sample sand sandwich save scale scare scarf scene
    score scout scratch scream screen screw sea seal search season seed seek seem seen self sell sense sent serve settle several sew
    shade shadow shake shall shame shape share sharp shave shed sheep sheet shelf shell shine ship shirt shock shoe shoes shook shoot shore
    shot shoulder shout shower sick sigh sight sign silence silent silk silly silver simple since single sink sip size skate ski skin
    skirt sky slave sled slept slice slide slip slipper smart smell smile smoke smooth snack snail snake soap sock soda sofa soil sold
    soldier solid solve sore sort soul soup sour space spare spark speak special speech speed spell spend spice spider spill spin spirit
    spoke spoon sport spot spray spread spring square stable stack staff stage stair stairs stamp stand star stare state steak steal steam
    steel steep steer stem stick stiff sting stir stock stomach stone stool store storm stove straight strange straw stream stretch strike
    string strip strong stuff style sudden suffer sugar suit summer sunday sunny supper support swam swan sway sweat sweep sweet swell
    swept swift swim swing sword tail tale tall tame tan tank tap tape task taste taught tax tea teach team tear tease teeth temper tend
    tennis tent term test thick thief thin third thirsty thorn thread threw throat throw thumb thunder thursday ticket tide tie tiger tight
    tile timber tin tiny tip tire tired title toad toast toe tone tongue tool tooth torn toss touch tough tour towel tower toy trace trade
    trail train trap tray treat tribe trick tried trip troll truck true trunk trust truth tub tube tuesday tug tulip tune tunnel turkey
    turtle twice twin twist type ugly uncle union upset vacuum valley van vase vast vegetable veil velvet vest view village vine violet
    violin visit vote wage wagon waist wake war wash waste wave wax weak wealth wear wedding weed weep weigh weight wheat wheel while whip
    whisper whistle wide wild win winter wipe wire wise witch woke wolf won wonder wood wool wore worm worry worse worth wound wrap wrist
    write yard yarn yawn yell yolk zebra zone""",
)
_FIRST_RANK = (1, 150, 600)  # of each tier: ranks grow from there


@cache
def frequency() -> dict[str, float]:
    """Return the words and how often each is said, relative to the most frequent one (Zipf's law)."""
    known: dict[str, float] = {}
    for first, tier in zip(_FIRST_RANK, _tiers, strict=True):
        for rank, word in enumerate(tier.split(), start=first):
            known.setdefault(word, 1.0 / rank)
    return known
