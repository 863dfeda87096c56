BBBBBBB BBBBBBBBBBBBBBBBB
 #

BBBB BB BBBB
BBBBB BBBBBBB BBBBBBBBBBBBBBBB gettext(u'Register an organisation') BBBBBBBBBBBBB BBBBB
BBBBB BBBB BBBBBBBBBBBBBBBB gettext(u'Register an organisation') BBBBBBBBBBBBB BB
BBBBB BBBB
  XXX
    BB BBBBBBBBBBBB
      XXXXX XXXXXXXXXXXXXXXXXXXX
    BBBB
       gettext(u'Once registered, you can begin applications in its name.') 
    BBBBB
  XXXX
BBBBBBBB BBBB
BBBBB BBBBBB
   gettext(u'Organisation') 
  BBBBBBB BBBBBBBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBBB
BBBBBBBB BBBBBB
BBBBB BBBBBBB
  BBB BBBBBBBBBBBBBBBBBBBBB BB BBBB
  BB BBBBBBBBBBBB
    BB BBBBBBBBBBBBBBBBBBBBBBBB
      XXXX XXXXXXXXXXX XXXXXXXXXXXXXXX gettext(u'The contest office has verified this file. If you change name, kind, district, registration authority or legal representative, it will be verified again.') XXXXXXXXXX
    BBBBB
     _("Save") 
  BBBB
     gettext(u'You become its owner and can begin an application at once.') 
     _("Register") 
  BBBBB
BBBBBBBB BBBBBBB
BBBBB BBBBB
  XXXXXXXX XXXXXXXXXXXXXX
    XXX XXXXXXXXXXXXXXXXXXXXX gettext(u'The credit code') XXXXX
    XX XXXXXXXXXXXXXX gettext(u'It is checked as you send the form: 18 signs, no I, O, S, V, Z, last sign is a check character. The first two signs must fit the kind of organisation.') XXXX
    XX XXXXXXXXXXXX XXXXXX gettext(u'A code can be registered once. If a colleague has registered your organisation, ask them to add you.') XXXX
  XXXXXXXXXX
BBBBBBBB BBBBB
