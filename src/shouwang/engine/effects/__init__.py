"""Did it work? Each question gives one `Effect`: a figure, its interval, what it assumes and how that was tested.

`answer`: the method that fits a question, by a rule fixed beforehand. `wdd`, `rirr`, `change`, `did`, `series`: a
measure, before and after, with and without comparison areas. `sppt`: did the pattern move. `funnel`, `empty`: areas
beside one another. `knox`: does one case bring the next. `scatter`: whether counts vary more than chance, which every
law of this room rests on.
"""
