exec(open('m1.py').read().split('def start')[0].replace("'m1'","'m2'"))
def start(): return subprocess.Popen([C,'run'],cwd=d,stdout=open(d+'/run.log','a'),stderr=subprocess.STDOUT,start_new_session=True)
def runs():
    try: return q(d,"select count(*) from run where job='import'")[0][0]
    except Exception: return 0
for k in (0.3,1.0,1.8,2.5):
    n=runs(); p=start(); t=time.time()
    while runs()==n and time.time()-t<25: time.sleep(.05)
    time.sleep(k); os.kill(p.pid,9); p.wait()
    print(k,os.listdir(I),q(d,'select count(*) from task'),q(d,"select job,outcome,count(*) from run group by 1,2"),q(d,'select count(*) from imported_file'))
time.sleep(1); print('orphans', subprocess.run("ps -eo pid,args | grep '[q]/t/m2\\|[s]ources.files.child' ",shell=True,capture_output=True,text=True).stdout)
p=start(); t=time.time()
while time.time()-t<40 and not os.path.exists(I+'done/big.csv'): time.sleep(.3)
time.sleep(.5); p.terminate(); p.wait(20)
print(os.listdir(I),os.listdir(I+'done') if os.path.exists(I+'done') else '',q(d,'select count(*) from task'),q(d,'select job,outcome,count(*) from run group by 1,2'))
for f in os.listdir(I+'done'):
    if f.endswith('.txt'): print(open(I+'done/'+f).read()[:300])
