"""How many calls, where and when: forecasts by cell and hour, with intervals, and the honest test of them.

`calls`: what was reported. `ground`, `shapes`: the cells. `calendar`: festivals and worked weekends. `past`: calls on
cells before an origin. `findings`: what is odd. `heaps`: times that were not known. `where`, `when`, `level`, `season`:
the parts of a forecast. `pool`: how their weights are learnt. `models`, `fit`: the parts together; `boosted`: trees,
for comparison. `spread`: intervals. `forecast`: all in one step. `summary`: areas and heat maps. `backtest`: scores of
forecasts made without knowing the future. `nij`: the rules of a contest. `found`: what patrols found.
"""
