from lib import *
import signal, zipfile, threading
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
def rows(k): return [H,['1',f'Việc {k} của tỉnh','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện']]
d=box('h2','NOSRC',inbox=True)
I=d+'/inbox/'
csv(I+'thường.csv',rows('thường')); csv(I+'trùng.csv',rows('thường'))
long='Danh sách nhiệm vụ UBND tỉnh giao các sở ban ngành huyện thành phố tháng 11 năm 2026 bản xuất từ hệ thống VNPT iOffice kèm theo công văn số 123 UBND TH ngày 01 tháng 11 năm 2026 về việc đôn đốc thực hiện nhiệm vụ'
while len((long+'.csv').encode())>253: long=long[:-1]
csv(I+long+'.csv',rows('dài'))
#
csv(I+'new\nline.csv',rows('newline')); csv(I+'-rf.csv',rows('dash')); csv(I+' .csv',rows('blank'))
os.symlink('/etc/hostname',I+'link.csv'); os.mkfifo(I+'pipe.csv'); os.makedirs(I+'Thư mục con'); csv(I+'Thư mục con/a.csv',rows('sub'))
os.makedirs(I+'done'); csv(I+'done/thường.csv',rows('zz'))
csv(I+'no_rights.csv',rows('norights')); os.chmod(I+'no_rights.csv',0)
csv(I+'x.csv.txt',rows('csvtxt')); csv(I+'CON.csv',rows('con'))
open(I+'bad.xlsx','wb').write(b'hello')
log=open(d+'/run.log','w')
p=subprocess.Popen([C,'run'],cwd=d,stdout=log,stderr=log)
# growing file
stop=time.time()+20
g=open(I+'growing.csv','wb')
while time.time()<stop:
    g.write(b'a;b\n'); g.flush(); time.sleep(0.4)
g.close()
time.sleep(8); 
def tree():
    for r,_,fs in os.walk(os.fsencode(I)):
        for f in sorted(fs): print(os.path.join(r,f)[len(I):][:90], end=' | ')
    print()
tree()
print('poll', p.poll()); run(d,'status'); 
p.terminate(); print('exit',p.wait(20))
print(subprocess.run("grep -v import.finished run.log | cut -c1-400 | head -40; grep -c Traceback run.log",shell=True,cwd=d,capture_output=True,text=True,errors='replace').stdout)
