from lib import *
import signal, random
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
d=box('m1','NOSRC',inbox=True); I=d+'/inbox/'
N=20000
csv(I+'big.csv',[H]+[[i,f'Việc số {i} của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện'] for i in range(N)]); mt(I+'big.csv','2026-11-20 08:00')
def start(): return subprocess.Popen([C,'run'],cwd=d,stdout=open(d+'/run.log','a'),stderr=subprocess.STDOUT,start_new_session=True)
for k in (3.5,4.5,5.5,7):
    p=start(); time.sleep(k); os.kill(p.pid,9); p.wait()
    try: print(k,os.listdir(I),q(d,'select count(*) from task'),q(d,'select outcome,count(*) from run group by 1'),q(d,'select count(*) from imported_file'))
    except Exception as e: print(k,e)
print(subprocess.run(['pgrep','-af','connector'],capture_output=True,text=True).stdout.count('m1'))
p=start(); t=time.time()
while time.time()-t<40 and not os.path.exists(I+'done/big.csv'): time.sleep(.5)
time.sleep(1); p.terminate(); p.wait(20)
print(os.listdir(I),os.listdir(I+'done') if os.path.exists(I+'done') else '',q(d,'select count(*) from task'),q(d,'select job,outcome,count(*) from run group by 1,2'))
for f in os.listdir(I+'done'):
    if f.endswith('.txt'): print(open(I+'done/'+f).read()[:400])
print(subprocess.run("grep -c Traceback run.log",shell=True,cwd=d,capture_output=True,text=True).stdout)
