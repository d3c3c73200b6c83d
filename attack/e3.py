from lib import *
d=box('e3'); H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
A=['3','Việc C','UBND tỉnh','Sở Y tế','01/11/2026','10/11/2026','Đang thực hiện']; B=['4','Việc C','UBND tỉnh','Sở Y tế','01/11/2026','30/12/2026','Đang thực hiện']
csv(d+'/x.csv',[H,A,B]); mt(d+'/x.csv','2026-11-18 08:00')
run(d,'import','x.csv',show=0); run(d,'quarantine','retry','1','--as','new'); run(d,'quarantine','retry','2','--as','new')
S="select t.source_id,v.name,v.status,v.due_on,v.observed_at from task t join task_version v on v.task_id=t.id and v.until is null"
print(q(d,S))
B[6]='Đang thực hiện'; A[6]='Đã hoàn thành'
csv(d+'/y.csv',[H,A,B]); mt(d+'/y.csv','2026-11-20 08:00'); run(d,'import','y.csv'); print(q(d,S))
csv(d+'/z.csv',[H,A]); mt(d+'/z.csv','2026-11-21 08:00'); run(d,'import','z.csv'); print(q(d,S))
run(d,'quarantine','list')
