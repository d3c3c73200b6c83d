from lib import *
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
# API id-less twin: same name+lead+day, two tasks in API answered earlier; extra: unquoted separator, extra cells beyond header
d=box('z1','NOSRC'); S="select v.name,v.assigner,v.lead,v.status,v.assigned_on,v.due_on from task t join task_version v on v.task_id=t.id and v.until is null"
open(d+'/a.csv','w').write(';'.join(H)+'\n1;Việc A; phần 2;UBND tỉnh;Sở Y tế;01/11/2026;05/12/2026;Đang thực hiện\n2;Việc B;UBND tỉnh;Sở Y tế;01/11/2026;05/12/2026;Đang thực hiện;thừa;cột\n')
p=run(d,'import','a.csv',show=0); print(p.stdout); print(q(d,S))
# header without dates: shift undetected
H2=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Trạng thái']
d=box('z2','NOSRC'); open(d+'/a.csv','w').write(';'.join(H2)+'\n1;Việc A; phần 2;UBND tỉnh;Sở Y tế;Đang thực hiện\n2;Việc B;UBND tỉnh;Sở Y tế;Đang thực hiện\n')
p=run(d,'import','a.csv',show=0); print(p.stdout); print(q(d,S))
p=run(d,'import','nope.csv','a.csv','--json',show=0); print(p.returncode,p.stdout[:200])
