from b2 import *
T=api(); t=[t for t in T if t['status']=='DONE'][0]
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái','Ngày hoàn thành']
S=f"select t.source_id,v.name,v.status,v.status_label,v.completed_on from task t join task_version v on v.task_id=t.id and v.until is null where source_id='{t['sid']}'"
for lab in ('Quá hạn','Trong hạn','Hoàn thành quá hạn'):
    d=fresh('y1'); csv(d+'/x.csv',[H,[1,t['name'],t['assigner'],t['lead'],f(t['assigned_on']),f(t['due_on']),lab,'']]); p=run(d,'import','x.csv',show=0); print(lab,q(d,S))
# API newer-than-export: older export must not touch; newer export with completion before last open reading
t=[t for t in T if t['status']=='IN_PROGRESS'][0]; S=S.replace(S[S.index("'"):],f"'{t['sid']}'")
for m,lab,c in (('2022-03-01 08:00','Đã hoàn thành','28/02/2022'),('2026-11-25 20:43','Đã hoàn thành','28/02/2022')):
    d=fresh('y2'); csv(d+'/x.csv',[H,[1,t['name'],t['assigner'],t['lead'],f(t['assigned_on']),f(t['due_on']),lab,c]]); mt(d+'/x.csv',m); p=run(d,'import','x.csv',show=0); print(m,q(d,S)); print(p.stdout[60:420])
