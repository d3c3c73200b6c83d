from lib import *
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
S="select t.source_id,v.name,v.status,v.due_on from task t join task_version v on v.task_id=t.id and v.until is null"
# older after newer same run through inbox + id reuse; report text when all rows rejected; header only
d=box('w1','NOSRC'); xlsx(d+'/h.xlsx',[H]); p=run(d,'import','h.xlsx'); xlsx(d+'/e.xlsx',[]); p=run(d,'import','e.xlsx')
# status blank in newer export w/o completion column
csv(d+'/a.csv',[H,[1,'Việc một của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','17/12/2026','Đã hoàn thành']]); mt(d+'/a.csv','2026-11-10 08:00'); run(d,'import','a.csv',show=0)
csv(d+'/b.csv',[H,[1,'Việc một của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','17/12/2026','']]); mt(d+'/b.csv','2026-11-20 08:00'); run(d,'import','b.csv',show=0); print('blank status:',q(d,S))
# mtime in the future / 1970
csv(d+'/f.csv',[H,[1,'Việc tương lai','UBND tỉnh','Sở Y tế','01/11/2026','17/12/2026','Đang thực hiện']]); mt(d+'/f.csv','2027-11-20 08:00'); p=run(d,'import','f.csv',show=0); print(p.stdout[:300])
csv(d+'/g.csv',[H,[1,'Việc 1970','UBND tỉnh','Sở Y tế','01/11/2026','17/12/2026','Đang thực hiện']]); os.utime(d+'/g.csv',(0,0)); p=run(d,'import','g.csv',show=0); print(p.returncode,p.stdout[:400],p.stderr[-200:])
# title "tính đến" in the future or before newest row; typo
csv(d+'/t.csv',[['Số liệu tính đến ngày 20/11/2025'],H,[1,'Việc tựa','UBND tỉnh','Sở Y tế','01/11/2026','17/12/2026','Đang thực hiện']]); p=run(d,'import','t.csv',show=0); print(p.stdout[:300])
# due before newest with assigned blank and month-long: stated old title + status done later
csv(d+'/t2.csv',[['Số liệu tính đến ngày 20/11/2025'],[x for x in H if x!='Ngày giao'],[1,'Việc tựa hai','UBND tỉnh','Sở Y tế','17/12/2026','Đang thực hiện']]); p=run(d,'import','t2.csv',show=0); print(p.stdout[:300])
# two processes at once
import threading
csv(d+'/big.csv',[H]+[[i,f'Việc lớn {i}','UBND tỉnh','Sở Y tế','01/11/2026','17/12/2026','Đang thực hiện'] for i in range(20000)])
a=subprocess.Popen([C,'import','big.csv'],cwd=d,stdout=subprocess.PIPE,stderr=subprocess.PIPE,text=True); time.sleep(1.6); p=run(d,'import','a.csv'); a.wait()
