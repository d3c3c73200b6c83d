from lib import *
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
T=ROOT+'/tiny'
# (a) inbox on full disk
d=box('n1','NOSRC',inbox=True); c=open(d+'/config.toml').read().replace('inbox="inbox"',f'inbox="{T}/inbox"'); open(d+'/config.toml','w').write(c)
shutil.rmtree(T+'/inbox',ignore_errors=True); os.makedirs(T+'/inbox'); csv(T+'/inbox/a.csv',[H,[1,'Việc một','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện']]); csv(T+'/inbox/b.csv',[H,[1,'Việc hai','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện']])
try:
    with open(T+'/fill','wb') as g:
        while True: g.write(b'x'*4096); g.flush()
except OSError: pass
p=subprocess.Popen([C,'run'],cwd=d,stdout=open(d+'/run.log','w'),stderr=subprocess.STDOUT); time.sleep(12)
print(os.listdir(T+'/inbox')); run(d,'status'); os.remove(T+'/fill'); time.sleep(6); print({r:f for r,_,f in os.walk(T+'/inbox')})
time.sleep(60); print('after 66s',{r:f for r,_,f in os.walk(T+'/inbox')}); p.terminate(); p.wait(20)
print(open(d+'/run.log').read()[-1500:])
# (b) database on a full disk
d=box('n2','NOSRC'); os.makedirs(T+'/db',exist_ok=True); open(d+'/config.toml','a').write(f'\n[storage]\ndatabase="sqlite:///{T}/db/c.db"\n')
csv(d+'/x.csv',[H]+[[i,f'Việc số {i} của tỉnh','UBND tỉnh','Sở Y tế','01/11/2026','05/12/2026','Đang thực hiện'] for i in range(30000)])
run(d,'import','x.csv'); run(d,'status')
