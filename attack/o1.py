from lib import *
import xlwt, zipfile, openpyxl, html, resource
S="select t.source_id,v.name,v.lead,v.status,v.assigned_on,v.due_on,v.content from task t join task_version v on v.task_id=t.id and v.until is null order by 2"
H=['STT','Tên nhiệm vụ','Người giao','Đơn vị chủ trì','Ngày giao','Hạn hoàn thành','Trạng thái','Số ký hiệu văn bản giao','Ngày văn bản giao']
R=[[1,'Đôn đốc “chuyển đổi số” & báo cáo','UBND tỉnh','Sở Y tế',dt.date(2026,11,1),dt.date(2026,12,5),'Đang thực hiện','15/9',dt.date(2026,10,30)],[2,'Rà soát quy hoạch sử dụng đất\nđợt 2','UBND tỉnh','Sở Tài chính',dt.date(2026,11,3),None,'Đã hoàn thành','016/UBND-KT',dt.date(2026,10,30)]]
T=lambda v:v.strftime('%d/%m/%Y') if isinstance(v,dt.date) else ('' if v is None else str(v))
d=box('o'); P=d+'/'
xlsx(P+'a.xlsx',[H]+R)
wb=xlwt.Workbook(); ws=wb.add_sheet('DS'); ds=xlwt.easyxf(num_format_str='DD/MM/YYYY')
for i,r in enumerate([H]+R):
    for j,v in enumerate(r):
        if v is None: continue
        ws.write(i,j,v,ds) if isinstance(v,dt.date) else ws.write(i,j,v)
wb.save(P+'b.xls')
open(P+'c.xls','w',encoding='utf-8').write('<html><head><meta charset="utf-8"></head><body><table border=1>'+''.join('<tr>'+''.join('<td>'+html.escape(T(v)).replace('\n','<br>')+'</td>' for v in r)+'</tr>' for r in [H]+R)+'</table></body></html>')
open(P+'d.xls','w',encoding='utf-8').write('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="DS"><Table>'+''.join('<Row>'+''.join((f'<Cell ss:Index="{j+1}"><Data ss:Type="DateTime">{v.isoformat()}T00:00:00.000</Data></Cell>' if isinstance(v,dt.date) else f'<Cell ss:Index="{j+1}"><Data ss:Type="{"Number" if isinstance(v,int) else "String"}">{html.escape(str(v)).replace(chr(10),"&#10;")}</Data></Cell>') for j,v in enumerate(r) if v is not None)+'</Row>' for r in [H]+R)+'</Table></Worksheet></Workbook>')
ct='<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="DS">'
for r in [H]+R:
    ct+='<table:table-row>'
    for v in r:
        if v is None: ct+='<table:table-cell/>'
        elif isinstance(v,dt.date): ct+=f'<table:table-cell office:value-type="date" office:date-value="{v}"><text:p>{T(v)}</text:p></table:table-cell>'
        elif isinstance(v,int): ct+=f'<table:table-cell office:value-type="float" office:value="{v}"><text:p>{v}</text:p></table:table-cell>'
        else: ct+='<table:table-cell office:value-type="string">'+''.join(f'<text:p>{html.escape(x)}</text:p>' for x in v.split('\n'))+'</table:table-cell>'
    ct+='</table:table-row>'
ct+='<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>'
z=zipfile.ZipFile(P+'e.ods','w'); z.writestr('mimetype','application/vnd.oasis.opendocument.spreadsheet'); z.writestr('content.xml',ct); z.close()
csv(P+'f.csv',[H]+[[T(v) for v in r] for r in R])
base=None
for f in 'a.xlsx b.xls c.xls d.xls e.ods f.csv'.split():
    for x in os.listdir(d):
        if x.startswith('connector.db'): os.remove(P+x)
    mt(P+f,'2026-11-20 08:00'); p=run(d,'import',f,show=0); rr=q(d,S); base=base or rr
    print(f,p.returncode,'SAME' if rr==base else rr, '' if not p.returncode else p.stdout[:500])
print(base)
# notation turned into a date by Excel
d=box('o2'); R2=[r[:] for r in R]; R2[0][7]=dt.datetime(2026,9,15); R2[1][7]='=1/0'; xlsx(d+'/x.xlsx',[H]+R2); run(d,'import','x.xlsx')
# password: OLE with EncryptedPackage (handmade minimal via olefile-like? use xlwt BIFF FILEPASS)
raw=open(P+'b.xls','rb').read(); i=raw.find(b'\x09\x08\x10\x00')
b=bytearray(raw); 
print('FILEPASS at',i); b[i+20:i+24]=b'\x2f\x00'+b[i+22:i+24]; open(d+'/pw.xls','wb').write(b); run(d,'import','pw.xls')
open(d+'/tr.xlsx','wb').write(open(P+'a.xlsx','rb').read()[:3000]); run(d,'import','tr.xlsx'); open(d+'/tr.xls','wb').write(raw[:3000]); run(d,'import','tr.xls')
open(d+'/tr.html','w').write(open(P+'c.xls').read()[:-120]); run(d,'import','tr.html'); open(d+'/trx.xls','w').write(open(P+'d.xls').read()[:-300]); run(d,'import','trx.xls')
open(d+'/tr.csv','wb').write(open(P+'f.csv','rb').read()[:-60]); run(d,'import','tr.csv')
