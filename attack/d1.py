from lib import *
import datetime as D, openpyxl
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
def imp(n,rows,show=1500,args=()):
    d=box(n); xlsx(d+'/x.xlsx',rows); mt(d+'/x.xlsx','2026-11-20 08:00'); p=run(d,'import','x.xlsx',*args,show=0); print('-----',n,p.returncode); print(p.stdout[:show],p.stderr[-600:] if p.returncode else ''); 
    try: print(q(d,"select v.name,v.lead,v.status,v.assigned_on,v.due_on,v.completed_on from task t join task_version v on v.task_id=t.id and v.until is null"))
    except Exception as e: print(e)
    return d
r=lambda i,due,a=D.datetime(2026,1,20):[i,f'Việc số {i} của tỉnh','UBND tỉnh','Sở Tài chính',a,due,'Đang thực hiện']
# US swap, small list: 1 text >12 , 2 swapped reals  (true: 05/02, 03/04, 13/02)
imp('d_us_small',[H,r(1,D.datetime(2026,5,2)),r(2,D.datetime(2026,4,3)),r(3,'13/02/2026')])
imp('d_us_mid',[H,*[r(i,D.datetime(2026,i%12+1,2)) for i in range(1,7)],r(7,'13/02/2026')])
imp('d_us_either',[H,*[r(i,D.datetime(2026,i%12+1,2)) for i in range(1,7)],*[r(i,f'{i}/02/2026') for i in range(13,19)],r(20,'05/06/2026')])
imp('d_us_one13',[H,*[r(i,D.datetime(2026,i%12+1,2)) for i in range(1,7)],*[r(i,f'{i}/02/2026') for i in range(13,19)],r(20,D.datetime(2026,3,25))])
# month-first text, few
imp('d_mdy_text',[H,r(1,'02/13/2026'),r(2,'02/05/2026'),r(3,'03/04/2026')],900)
# month first wholly ambiguous
imp('d_misc',[H,r(1,'5/6/26'),r(2,20260605),r(3,'30/02/2026'),r(4,'15.6.2026'),r(5,'06/2026'),r(6,'Quý I/2026'),r(7,'trước 15/6/2026'),r(8,46000),r(9,'#REF!'),r(10,'Hoàn thành trong tháng 6'),r(11,' 15/06/2026 '),r(12,True)],3500)
