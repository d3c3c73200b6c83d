from lib import *
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
S="select t.source_id,v.name,v.status,v.due_on,t.last_seen_at from task t join task_version v on v.task_id=t.id and v.until is null"
d=box('x1','NOSRC')
A=[H,[1,'Việc một của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','17/11/2026','Đang thực hiện']]; B=[H,A[1][:6]+['Đã hoàn thành']]
for f,r,m in (('a.csv',A,'2026-11-10 08:00'),('b.csv',B,'2026-11-15 08:00'),('c.csv',A,'2026-11-20 08:00')):
    csv(d+'/'+f,r); mt(d+'/'+f,m); p=run(d,'import',f,show=0); print(f,p.returncode,p.stdout.split('\n')[1]); print(q(d,S))
d=box('x2','NOSRC')
for f,r,m in (('a.csv',A,'2026-11-10 08:00'),('c.csv',A,'2026-11-20 08:00')):
    csv(d+'/'+f,r); mt(d+'/'+f,m); p=run(d,'import',f,show=0); print(f,p.returncode,p.stdout.split('\n')[1]); print(q(d,S))
run(d,'detect')
# inbox read-only (ro bind)
d=box('x3','NOSRC',inbox=True); csv(d+'/inbox/a.csv',A); subprocess.run(['mount','--bind',d+'/inbox',d+'/inbox']); subprocess.run(['mount','-o','remount,ro,bind',d+'/inbox'])
p=subprocess.Popen([C,'run'],cwd=d,stdout=open(d+'/run.log','w'),stderr=subprocess.STDOUT); time.sleep(9); run(d,'status'); print(os.listdir(d+'/inbox'))
subprocess.run(['umount',d+'/inbox']); p.terminate(); p.wait(20); print(open(d+'/run.log').read().count('Traceback'))
