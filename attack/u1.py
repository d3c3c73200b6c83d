from lib import *
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
F="select rule,subject_id,agency,state from finding"
d=box('u1','NOSRC')
def imp(rows,f,m): csv(d+'/'+f,rows); mt(d+'/'+f,m); p=run(d,'import',f,show=0); return p
imp([H,[1,'Việc một của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','17/11/2026','Đang thực hiện']],'a.csv','2026-11-14 08:00')
imp([H,[1,'Việc một của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','17/11/2026','Đã hoàn thành']],'b.csv','2026-11-24 08:00')
# first ever seen as done
imp([H,[1,'Việc hai của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','17/11/2026','Đã hoàn thành']],'c.csv','2026-11-24 09:00')
# open after due then a blank lead / renamed due
imp([H,[1,'Việc ba của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','17/11/2026','Đang thực hiện']],'d.csv','2026-11-20 09:00')
imp([H,[1,'Việc ba của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','','Đang thực hiện']],'e.csv','2026-11-22 09:00')
p=run(d,'detect'); print(q(d,F)); print(q(d,"select v.name,v.status,v.due_on from task_version v where until is null"))
# refused then mapped and dropped again
d=box('u2','NOSRC'); r=[['STT','Tên nhiệm vụ','Bên làm','Hạn hoàn thành'],[1,'Việc một của tỉnh','Sở Y tế','17/11/2026']]
p=imp(r,'a.csv','2026-11-20 08:00'); print(p.returncode); p=run(d,'import','a.csv','--map','Bên làm=lead','--yes',show=0); print(p.returncode,p.stdout[-300:])
print(q(d,"select v.name,v.lead,v.status,v.due_on from task_version v"))
# secret row
d=box('u3','NOSRC'); HD=['Số đến','Trích yếu','Số ký hiệu','Ngày đến','Ngày văn bản','Cơ quan ban hành','Độ mật']
p=imp([HD,[1,'BÍ MẬT QUÂN SỰ','15/UBND-TH','06/11/2026','99/11/2026','UBND tỉnh','Mật'],[2,'BÍ MẬT HAI','16/UBND-TH','06/11/2026','01/11/2026','UBND tỉnh','Mật'],[3,'BÍ MẬT BA','16/UBND-TH','06/11/2026','01/11/2026','UBND tỉnh','Mật'],['','BÍ MẬT BỐN','','','','','Mật']],'a.csv','2026-11-20 08:00'); o=p.stdout+p.stderr
for a in (['quarantine','list'],['quarantine','show','1'],['quarantine','show','1','--json'],['quarantine','show','2'],['quarantine','show','4'],['import','--explain','a.csv']):
    try: o2=run(d,*a,show=0); print(a,o2.returncode,'LEAK' if 'BÍ MẬT' in o2.stdout+o2.stderr else 'no leak')
    except Exception as e: print(e)
print('import', 'LEAK' if 'BÍ MẬT' in o else 'no leak'); 
p=run(d,'import','a.csv','--map','Trích yếu=subject',inp='n\n',show=0); print('map preview','LEAK' if 'BÍ MẬT' in p.stdout else 'no leak')
