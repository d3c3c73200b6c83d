from lib import *
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
R=[H,['1','Việc A của tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện']]
# dry run / map / explain write nothing
import hashlib
d=box('e_dry'); csv(d+'/x.csv',[['STT','Tên nhiệm vụ','Người giao','Bên làm','Ngày giao','Hẹn','Trạng thái']]+R[1:]); 
run(d,'import','--dry-run','x.csv'); print(os.listdir(d))
run(d,'db','upgrade',show=0)
run(d,'import','x.csv','--map','Hẹn=due_on','--map','Bên làm=lead','--dry-run','--yes')
print('remembered:',q(d,"select key from source_memory") if 0 else q(d,"select * from source_memory"))
run(d,'import','x.csv','--map','Hẹn=due_on','--map','Bên làm=lead','--yes','--json')
run(d,'import','x.csv','--map','Hẹn=bogus','--yes')
run(d,'import','x.csv','--map','Khong co=due_on','--yes')
run(d,'import','x.csv','--map','Hẹn=due_on',inp='n\n')
run(d,'import','x.csv','--map','Hẹn=due_on',inp='')
run(d,'import','nope.csv'); run(d,'import','.'); run(d,'import','x.csv','--json'); run(d,'import','--explain','x.csv')
