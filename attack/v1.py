from lib import *
import openpyxl
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
F="select rule,subject_id,agency,state from finding"
S="select t.source_id,v.name,v.lead,v.status,v.assigned_on,v.due_on,v.content,t.last_seen_at from task t join task_version v on v.task_id=t.id and v.until is null"
d=box('v1','NOSRC')
def imp(d,rows,f,m): csv(d+'/'+f,rows); mt(d+'/'+f,m); p=run(d,'import',f,show=0); return p
o=lambda i:[i,f'Việc số {i} của tỉnh','UBND tỉnh','Sở Y tế','01/10/2026','17/10/2026','Đang thực hiện']
imp(d,[['DANH SÁCH NHIỆM VỤ CHƯA HOÀN THÀNH'],H,o(1),o(2)],'a.csv','2026-10-20 08:00'); 
for k,m in enumerate(['2026-11-01 08:00','2026-11-10 08:00','2026-11-24 08:00']): imp(d,[['DANH SÁCH NHIỆM VỤ CHƯA HOÀN THÀNH'],H,o(2)]+[[9,f'x{k}','UBND tỉnh','Sở Y tế','01/10/2026','','Đang thực hiện']],f'b{k}.csv',m)
run(d,'detect'); print(q(d,F)); print(q(d,S))
# same row with and without document in one file / across files
HD=H+['Số ký hiệu văn bản giao','Ngày văn bản giao']
d=box('v2','NOSRC'); p=imp(d,[HD,o(1)+['12/UBND-TH','30/09/2026'],o(1)+['','']],'a.csv','2026-11-20 08:00'); print(p.stdout); print(q(d,S))
d=box('v2b','NOSRC'); p=imp(d,[HD,o(1)+['12/UBND-TH','30/09/2026']],'a.csv','2026-11-20 08:00');p=imp(d,[HD,o(1)+['','']],'b.csv','2026-11-21 08:00');p=imp(d,[HD,o(1)+['12/UBND-TH','']],'c.csv','2026-11-22 08:00'); print(p.stdout); print(q(d,S))
# merged data
d=box('v3','NOSRC'); wb=openpyxl.Workbook(); ws=wb.active
for r in (H,[1,'Việc gộp của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện'],[None,None,None,'Sở Xây dựng',None,None,None],[2,'Việc khác','UBND tỉnh','Sở Tư pháp','01/11/2026','05/12/2026','Đang thực hiện']): ws.append(r)
for c in 'ABCEFG': ws.merge_cells(f'{c}2:{c}3')
wb.save(d+'/x.xlsx'); mt(d+'/x.xlsx','2026-11-20 08:00'); p=run(d,'import','x.xlsx',show=0); print(p.stdout); print(q(d,S))
