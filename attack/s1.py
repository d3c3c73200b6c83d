from b2 import *
S="select t.source_id,v.name,v.status,v.due_on,v.completed_on,v.observed_at from task t join task_version v on v.task_id=t.id and v.until is null"
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
# retry after newer
d=box('s1'); csv(d+'/old.csv',[H,[1,'Việc một của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/12/26','Đang thực hiện'],[2,'Việc hai của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện']]); mt(d+'/old.csv','2026-11-10 08:00')
csv(d+'/new.csv',[H,[1,'Việc một của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','30/12/2026','Đã hoàn thành']]); mt(d+'/new.csv','2026-11-20 08:00')
run(d,'import','old.csv','new.csv',show=0); 
open(d+'/heads.csv','w').write('table,field,headers\ntask,other,Hạn hoàn thành\ntask,due_on,Hạn mới\n'); open(d+'/config.toml','a').write('headers_file="heads.csv"\n')
run(d,'check'); run(d,'quarantine','retry'); print(q(d,S)); run(d,'quarantine','list')
# export no id with completion, API adopts; then API before
T=api(); done=[t for t in T if t['status']=='DONE']
d=abox('s2'); HH=H+['Ngày hoàn thành']
csv(d+'/x.csv',[HH]+[[i,t['name'],t['assigner'],t['lead'],f(t['assigned_on']),f(t['due_on']),t['status_label'],f(t['assigned_on']) if t['status']=='DONE' else ''] for i,t in enumerate(T,1)]); mt(d+'/x.csv','2022-02-28 23:00')
p=run(d,'import','x.csv',show=0); print(p.stdout[:900]); p=run(d,'sync',show=0); print(p.stdout[:300]); print(stat(d), q(d,"select count(*) from task_version where until is null and completed_on is not null"), len(done))
run(d,'quarantine','list')
p=run(d,'report','2022-02','--json',show=0); 
try:
    j=json.loads(p.stdout); print({k:j[k] for k in ('assigned','completed_on_time','completed_late','not_completed','open_overdue','open_in_time','unresolved','observed_completions','warnings') if k in j})
except Exception as e: print(p.returncode,p.stdout[:500],p.stderr[-500:])
d=fresh('s3'); shutil.copy(ROOT+'/t/s2/x.csv',d); mt(d+'/x.csv','2022-02-28 23:00'); p=run(d,'import','x.csv',show=0); print(p.stdout[:700]); print(stat(d), q(d,"select count(*) from task_version where until is null and completed_on is not null"))
