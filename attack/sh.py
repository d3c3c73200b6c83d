from lib import *
d=sys.argv[1]
d=f'{ROOT}/t/{d}'
for t in ('task','document','imported_file','quarantine','finding'):
    cols=[c[1] for c in q(d,f"pragma table_info({t})")]
    for r in q(d,f"select * from {t} limit 30"): print(t,{k:v for k,v in zip(cols,r) if v not in (None,'') and k not in('sheets','packed')})
cols=[c[1] for c in q(d,"pragma table_info(task_version)")]
for r in q(d,"select * from task_version limit 30"): print('V',{k:v for k,v in zip(cols,r) if v not in (None,'')})
