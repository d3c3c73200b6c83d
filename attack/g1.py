from lib import *
import zipfile
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái']
d=box('g_zip')
csv(d+'/m.csv',[H,['1','Việc A','UBND tỉnh','Sở Tài chính','01/11/2026','15/11/2026','Đang thực hiện']])
z=zipfile.ZipFile(d+'/x.zip','w'); zi=zipfile.ZipInfo('m.csv',(1980,1,1,0,0,0)); z.writestr(zi,open(d+'/m.csv','rb').read()); z.close()
run(d,'import','x.zip')
# zip with path names, nested zip, one good one bad, duplicate members, dirs, junk
d=box('g_zip2'); good=open(ROOT+'/t/g_zip/m.csv','rb').read()
def zz(fn,items):
    z=zipfile.ZipFile(fn,'w',zipfile.ZIP_DEFLATED)
    for k,v in items: z.writestr(k,v)
    z.close()
zz(d+'/p.zip',[('../../etc/m.csv',good)]); zz(d+'/n.zip',[('in.zip',open(ROOT+'/t/g_zip/x.zip','rb').read())]); zz(d+'/mix.zip',[('a/m.csv',good),('readme.txt',b'hello'),('__MACOSX/._m.csv',b'xx')]); zz(d+'/mix2.zip',[('m.csv',good.replace('Việc A'.encode(),'Việc B'.encode())),('sổ.pdf',b'%PDF-1.4 xx')])
zz(d+'/empty.zip',[]); zz(d+'/bomb.zip',[('m.csv',b'a;b\n'*80_000_000)])
open(d+'/junk.xlsx','wb').write(os.urandom(5000)); open(d+'/empty.csv','wb'); open(d+'/trunc.zip','wb').write(open(d+'/bomb.zip','rb').read()[:2000])
open(d+'/doc.docx','wb').write(b''); zz(d+'/doc.docx',[('[Content_Types].xml','<x/>'),('word/document.xml','<x/>')])
open(d+'/p.pdf','wb').write(b'%PDF-1.4\n'); open(d+'/ole.xls','wb').write(b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'+os.urandom(4000))
open(d+'/dtd.xls','w').write('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><a>&x;</a></Workbook>')
open(d+'/ed.xml','w').write('<?xml version="1.0"?><edXMLEnvelope xmlns="http://www.e-doc.vn/Schema/"><edXMLHeader/></edXMLEnvelope>')
os.symlink('/etc/passwd',d+'/ln.csv'); os.mkfifo(d+'/ff.csv')
for f in 'p.zip n.zip mix.zip mix2.zip empty.zip bomb.zip junk.xlsx empty.csv trunc.zip doc.docx p.pdf ole.xls dtd.xls ed.xml ln.csv ff.csv'.split():
    t=time.time(); p=run(d,'import',f,show=0,timeout=60); print('#',f,p.returncode,f'{time.time()-t:.1f}s',p.stdout[:600])
