from lib import *
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
S="select t.source_id,v.name,v.status,v.due_on,v.observed_at from task t join task_version v on v.task_id=t.id and v.until is null"
d=box('j1','NOSRC')
for k,(m,st) in enumerate([('2026-11-03 08:00','Đang thực hiện'),('2026-11-10 08:00','Đang thực hiện'),('2026-11-17 08:00','Đã hoàn thành'),('2026-11-24 08:00','Đã hoàn thành')]):
    csv(d+f'/t{k}.csv',[['DANH SÁCH NHIỆM VỤ'],['Từ ngày 01/10/2026 đến ngày 31/10/2026'],H,['1','Việc A tỉnh','UBND tỉnh','Sở Tài chính','01/10/2026','25/10/2026',st],['2',f'Việc thêm {k}','UBND tỉnh','Sở Y tế','01/10/2026','25/12/2026',st]]); mt(d+f'/t{k}.csv',m)
    p=run(d,'import',f't{k}.csv',show=0); print(p.stdout)
print(q(d,S)); run(d,'detect'); print(q(d,"select rule,subject_id,agency,state from finding"))
