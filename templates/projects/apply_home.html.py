BBBBBBB BBBBBBBBBBBBBBBBB
 #

BBBB BB BBBB BBBBBB
BBBBB BBBBB gettext(u'My applications') BBBBBBBB BBBBB
BBBBB BBBBXXXXX XXXXXXXXXXXXXXXX XXXXXXBBBBBB BBBBBBBBBBBBBBBBBBBBBXXBBBBBBBB BBBB
BBBBB BB gettext(u'My applications') BBBBBBBB BB
BBBBB BBBBBBB
  BB BBBBBBBBB BBB BBBBBBBB
    XX XXXXXXXXXX XXXXXXXXXXXX XXXXXXBBB BBBBBBBBBBBBBBBBBBBBBBBBXX gettext(u'Begin an application') XXXX
  BBBBB
BBBBBBBB BBBBBBB
BBBBB BBBBBBB
  BB BBB
    XXXX XXXXXXXXXXX XXXXXXXXXXX
      XX XXXXXXXXXXXXXXXXXXXX gettext(u'Your organisation may not apply now') XXXX
      XXX
         gettext(u'From %(start)s until %(end)s. Cause: %(cause)s') 
          SSSS SSSSSSSSS SSSSS SSSSSSSS SSSSSS SSSSSSSSS
        
      XXXX
    XXXXXX
  BBBBB
  BB BBB BBBBBBBBBBBBB
     gettext(u'First, register your organisation') 
     gettext(u'You need its unified social credit code. Then you can begin an application and fill it in over several days.') 
    BBB BBBBBBBBBBBBBBBBBBBBBBBBBBB BB BBB
     _("Register") 
  BBBB BBB BBBBB
     gettext(u'No application yet') 
    BB BBBBBBBB
       gettext(u'Begin one now. Nothing is handed in before you say so, and everything you type is kept.') 
      BBB BBBBBBBBBBBBBBBBBBBBBBBB BB BBB
       _("Begin") 
    BBBB
       gettext(u'No edition takes applications at the moment. The next call will be announced on the home page.') 
      BBBBBBB BBBBBBBBBBBBBBBBBB BBBB BBBBBBBBBBB BBBBBBBBB
    BBBBB
  BBBB
    XXXXXXXX XXXXXXXXXXXXX XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX
      XXX XXXXXXXXXXXXXXXXXXXX XXXXXXXXXXXXXXXXXX gettext(u'Applications') XXXXX
      XXXX XXXXXXXXXXXXXXXXXXXXX
        XXXXXX XXXXXXXXXXXX XXXXXXXXXXXXXX
          XXXXXXX
            XXXX
              XXX XXXXXXXXXXXX gettext(u'acceptance number') XXXXX
              XXX XXXXXXXXXXXX gettext(u'project title') XXXXX
              XXX XXXXXXXXXXXX gettext(u'Status') XXXXX
              XXX XXXXXXXXXXXX gettext(u'What next') XXXXX
            XXXXX
          XXXXXXXX
          XXXXXXX
            BBB BBBB BB BBBBB
              XXXX
                XXX XXXXXXXXXXXX XXXXXXXXXXXX gettext(u'acceptance number') XXXXXXX
                XXX XXXXXXXXXXXXXXXXX XXXXXXXXXXXX gettext(u'project title') XX
                  XX XXXXXXXXXXXX
                  XXXXX XXXXXXXXXXXXXXXXXXXXXXXX
                XXXXX
                XXX XXXXXXXXXXXX gettext(u'Status') XXBBBBBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB BBBBBBBBBXXXXX
                XXX XXXXXXXXXXXX gettext(u'What next') XX
                  
                  BB BBBBBBBBBBB
                    XXXXX XXXXXXXXXXXXXXXXX gettext(u'due by the end of %(due)s') SSS SS SSS SSS SS SSSSSSSXXXXXXX
                  BBBBB
                XXXXX
              XXXXX
            BBBBBB
          XXXXXXXX
        XXXXXXXX
      XXXXXX
    XXXXXXXXXX
  BBBBB
BBBBBBBB BBBBBBB
BBBBB BBBBB
  BBB BBBBBBB BB BBBBBBBB
    XXXXXXXX XXXXXXXXXXXXXXXXXXXXXX
      XXX XXXXXXXXXXXXXXXX
       _("Applications close in") 
      XX XXXXXXXXXXXX XXXXXXXX XXXXXXXX gettext(u'Call and rules') XXXXXXXX
    XXXXXXXXXX
  BBBBBB
  BB BBBBBBBBBBBBB
    XXXXXXXX XXXXXXXXXXXXXX
      XXX XXXXXXXXXXXXXXXXXXXXX gettext(u'My organisations') XXXXX
      XXX XXXXXXXXXXXXXXXXXXXXXX
        BBB BBBBBBBBBBBB BB BBBBBBBBBBBBB
          XXX XXXXXXXXXXXXX
            XX XXXXXXBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBB BBBBBBBBBBBBBBBXXXXXX
            XXXXX XXXXXXXXXXXXXXX XXXXXXXXXXXXX
            BB BBBBBBBBBBBBBBBBBBBBBBBB
              BBBBBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB BBBBBB
            BBBB
              BBBBBBBBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB BBBBBBBBB
            BBBBB
          XXXXX
        BBBBBB
      XXXXX
      XX XXXXXXXXXXX XXXXXXXXX XXXXXXBBB BBBBBBBBBBBBBBBBBBBBBBBBBBBXX gettext(u'Register another organisation') XXXXXXXX
    XXXXXXXXXX
  BBBBB
BBBBBBBB BBBBB
