from lib import *
d=box('e_map2'); csv(d+'/x.csv',[['STT','Tên nhiệm vụ','Người giao','Bên làm','Ngày giao','Hẹn','Trạng thái'],['1','Việc A của tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện']]); 
run(d,'import','x.csv')
run(d,'import','x.csv','--map','Hẹn=due_on','--map','Bên làm=lead','--yes')
print(q(d,"select t.source_id,v.name,v.lead,v.due_on from task t join task_version v on v.task_id=t.id and v.until is null"))
run(d,'import','--explain','x.csv')
# quarantine + retry after words: bad date rows; retry keeps observation; drop; show; as
d=box('e_q'); H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
csv(d+'/x.csv',[H,['1','Việc A của tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/26','Đang thực hiện'],['2','','UBND tỉnh','Sở Y tế','01/11/2026','15/11/2026','Đang thực hiện'],
 ['3','Việc C','UBND tỉnh','Sở Y tế','01/11/2026','15/11/2026','Đang thực hiện'],['4','Việc C','UBND tỉnh','Sở Y tế','01/11/2026','16/11/2026','Đang thực hiện']]); mt(d+'/x.csv','2026-11-20 08:00')
run(d,'import','x.csv'); run(d,'quarantine','list'); run(d,'quarantine','show','1'); run(d,'quarantine','show','99'); run(d,'quarantine','retry'); run(d,'quarantine','retry','3'); 
run(d,'quarantine','retry','3','--as','new');run(d,'quarantine','retry','4','--as','new'); print(q(d,"select t.source_id,v.name,v.lead,v.due_on,v.observed_at from task t join task_version v on v.task_id=t.id and v.until is null"))
run(d,'quarantine','drop','1','1'); run(d,'quarantine','drop','2'); run(d,'quarantine','drop','2'); run(d,'quarantine','list','--json'); run(d,'status')
